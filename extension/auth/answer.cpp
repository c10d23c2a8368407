// What the functions of sign-in share; see answer.hpp.
#include "auth/answer.hpp"

#include "auth/settings.hpp"
#include "core/json.hpp"
#include "core/utf8.hpp"

namespace pgwright::auth {

char* client_address = nullptr;
char* client_agent = nullptr;

namespace {

constexpr std::size_t kMaxAddressBytes = 64;
constexpr std::size_t kMaxAgentBytes = 256;

void add_note(pg::Params& params, const char* text, std::size_t most) {
    if (text == nullptr || *text == '\0') {
        params.add_null(TEXTOID);
        return;
    }
    std::string_view note(text);
    if (note.size() > most) {
        note = note.substr(0, most);
        // Not within a character.
        while (!note.empty() && (static_cast<unsigned char>(note.back()) & 0xC0U) == 0x80U)
            note.remove_suffix(1);
        if (!note.empty() && (static_cast<unsigned char>(note.back()) & 0x80U) != 0)
            note.remove_suffix(1);
    }
    params.add_text(note);
}

std::string_view code_name(core::Code code) {
    switch (code) {
        case core::Code::authentication_required: return "AUTHENTICATION_REQUIRED";
        case core::Code::rate_limit_exceeded: return "RATE_LIMIT_EXCEEDED";
        default: return "VALIDATION_ERROR";
    }
}

}  // namespace

std::string_view required_text(const pg::Arguments& args, int i, std::string_view field) {
    if (args.is_null(i))
        throw core::Failure(core::Code::validation_error, "the request is not complete",
                            {{std::string(field), "is required"}});
    return args.text(i);
}

std::string error_answer(const core::Failure& failure, int retry_after) {
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    writer.key("status");
    writer.integer(static_cast<int>(failure.code()));
    writer.key("code");
    writer.string(code_name(failure.code()));
    writer.key("message");
    writer.string(failure.message());
    writer.key("details");
    const std::string faults = core::faults_to_json(failure.faults());
    writer.raw(faults.empty() ? "[]" : std::string_view(faults));
    if (retry_after > 0) {
        writer.key("retry_after");
        writer.integer(retry_after);
    }
    writer.end_object();
    writer.end_object();
    return std::string(writer.view());
}

void add_client(pg::Params& params) {
    add_note(params, client_address, kMaxAddressBytes);
    add_note(params, client_agent, kMaxAgentBytes);
}

core::Uuid require_uuid(std::string_view text, std::string_view what) {
    const auto id = core::Uuid::parse(text);
    if (!id) not_found(what);
    return *id;
}

void not_found(std::string_view what) {
    throw core::Failure(core::Code::resource_not_found, "there is no such " + std::string(what));
}

security::IdentityPointer require_session() {
    auto identity = security::require_identity();
    if (identity->api_key)
        throw core::Failure(core::Code::permission_denied,
                            "an API key has no session: sign in with e-mail and password for this");
    if (identity->is_restricted())
        throw core::Failure(core::Code::permission_denied,
                            "this token proves less than its user may: sign in with e-mail and "
                            "password for this");
    return identity;
}

}  // namespace pgwright::auth
