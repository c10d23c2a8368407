// The function decides status and headers; the message's framing stays the session's.
#include "shim/function_response.hpp"

#include <rapidjson/document.h>

#include <charconv>
#include <string>
#include <utility>

#include "shim/response_head.hpp"

namespace pgwright::shim {

namespace {

std::optional<int> read_status(const std::optional<std::string>& text) {
    int status = 0;
    if (!text ||
        std::from_chars(text->data(), text->data() + text->size(), status).ec != std::errc() ||
        status < 200 || status > 599) {
        return std::nullopt;
    }
    return status;
}

bool add_header(Reply& reply, const std::string& name, const rapidjson::Value& value) {
    if (!value.IsString()) {
        return false;
    }
    std::string text(value.GetString(), value.GetStringLength());
    if (is_free_header(name, text)) {
        reply.headers.emplace_back(name, std::move(text));
    }
    return true;
}

bool add_headers(Reply& reply, const rapidjson::Value& headers) {
    if (headers.IsNull()) {
        return true;
    }
    if (!headers.IsObject()) {
        return false;
    }
    for (const auto& member : headers.GetObject()) {
        const std::string name(member.name.GetString(), member.name.GetStringLength());
        if (!member.value.IsArray()) {
            if (!add_header(reply, name, member.value)) {
                return false;
            }
            continue;
        }
        for (const auto& value : member.value.GetArray()) {
            if (!add_header(reply, name, value)) {
                return false;
            }
        }
    }
    return true;
}

bool add_headers(Reply& reply, const std::optional<std::string>& text) {
    if (!text) {
        return true;
    }
    rapidjson::Document headers;
    headers.Parse<rapidjson::kParseIterativeFlag>(text->c_str());
    return !headers.HasParseError() && add_headers(reply, headers);
}

}  // namespace

std::optional<Reply> stream_head(std::string_view json) {
    rapidjson::Document head;
    head.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    if (head.HasParseError() || !head.IsObject() || !head.HasMember("status") ||
        !head["status"].IsInt()) {
        return std::nullopt;
    }
    Reply reply;
    reply.status = head["status"].GetInt();
    const bool has_headers = head.HasMember("headers");
    if (reply.status < 200 || reply.status > 299 || is_bodiless(reply.status) ||
        (has_headers && !add_headers(reply, head["headers"]))) {
        return std::nullopt;
    }
    return reply;
}

std::optional<Reply> function_response(Row& row) {
    if (row.columns.size() != 3) {
        return std::nullopt;
    }
    const auto status = read_status(row.columns[0]);
    Reply reply;
    if (!status || !add_headers(reply, row.columns[1])) {
        return std::nullopt;
    }
    reply.status = *status;
    if (row.columns[2] && !is_bodiless(*status)) {
        reply.body = std::move(*row.columns[2]);
    }
    return reply;
}

}  // namespace pgwright::shim
