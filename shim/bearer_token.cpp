// The alphabet is checked because the token becomes a setting of the database session.
#include "shim/bearer_token.hpp"

#include <algorithm>
#include <string_view>

#include "shim/ascii.hpp"

namespace pgwright::shim {

namespace {

bool is_token(char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> bearer_token(const Request& request) {
    if (!request.authorization) {
        return std::string();
    }
    const std::string_view value = trimmed(*request.authorization);
    const std::size_t blank = value.find(' ');
    if (request.repeated_authorization || blank == std::string_view::npos ||
        !equal_ignoring_case(value.substr(0, blank), "Bearer")) {
        return std::nullopt;
    }
    const std::string_view token = trimmed(value.substr(blank));
    if (token.empty() || !std::all_of(token.begin(), token.end(), is_token)) {
        return std::nullopt;
    }
    return std::string(token);
}

std::variant<std::string, ApiError> credential(const Request& request) {
    auto token = bearer_token(request);
    if (!token) {
        return ApiError{ErrorCode::authentication_required,
                        "The Authorization header must be \"Bearer\" and a token."};
    }
    if (!request.api_key) {
        return std::move(*token);
    }
    const std::string_view key = trimmed(*request.api_key);
    if (request.repeated_api_key || !key.starts_with(kApiKeyMark) ||
        !std::all_of(key.begin(), key.end(), is_token)) {
        return ApiError{ErrorCode::authentication_required,
                        "The X-API-Key header must be one API key."};
    }
    if (!token->empty() && *token != key) {
        return validation_error(
            "The request says twice who is asking, and not the same.",
            {{"X-API-Key", "must not be given together with another Authorization"}});
    }
    return std::string(key);
}

}  // namespace pgwright::shim
