// Headers as arguments; see header_binder.hpp.
#include "shim/header_binder.hpp"

#include <algorithm>

#include "shim/ascii.hpp"
#include "shim/utf8.hpp"
#include "shim/value_check.hpp"

namespace pgwright::shim {

namespace {

// The field's lines as one list (RFC 9110, 5.3); nothing when there is none.
std::optional<std::string> header_value(const Request& request, std::string_view name) {
    std::optional<std::string> value;
    for (const auto& [sent, text] : request.headers) {
        if (!equal_ignoring_case(sent, name)) {
            continue;
        }
        value = value ? *value + ", " + std::string(text) : std::string(text);
    }
    return value;
}

}  // namespace

Faults bind_headers(const Route& route, const Request& request, Binding& binding) {
    Faults faults;
    for (const HeaderArgument& header : route.headers) {
        auto value = header_value(request, header.name);
        if (!value) {
            continue;
        }
        const Argument& argument = route.arguments[header.argument];
        const auto place = std::lower_bound(
            binding.begin(), binding.end(), header.argument,
            [](const BoundArgument& bound, std::size_t index) { return bound.argument < index; });
        if (place != binding.end() && place->argument == header.argument) {
            faults.push_back({argument.name, "is given more than once"});
        } else if (!is_utf8(*value)) {
            faults.push_back({header.name, "must be UTF-8"});
        } else if (auto wrong = check_value(argument.kind, *value, 1)) {
            faults.push_back({header.name, std::move(*wrong)});
        } else {
            binding.insert(place, {header.argument, std::move(value)});
        }
    }
    return faults;
}

}  // namespace pgwright::shim
