// parse_json: whatever is accepted is written and read back to the same value.
#include "check.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

using namespace pgwright::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const Json json = parse_json(pgwright::fuzz::text_of(data, size));
        const std::string text = json.dump();
        pgwright::fuzz::check(text.find('\0') == std::string::npos);
        pgwright::fuzz::check(parse_json(text) == json);
    } catch (const Failure& failure) {
        pgwright::fuzz::check(failure.code() == Code::validation_error);
    }
    return 0;
}
