// Written by hand: the head is one buffer that is reused for every response of a session.
#include "shim/response_head.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "shim/ascii.hpp"

namespace pgwright::shim {

namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "";  // the phrase may be empty (RFC 9112, 4)
    }
}

// Formatted once a second per thread.
std::string_view http_date() {
    thread_local std::time_t cached_at = -1;
    thread_local std::array<char, 40> cached{};
    const std::time_t now = std::time(nullptr);
    if (now != cached_at) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        std::strftime(cached.data(), cached.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        cached_at = now;
    }
    return cached.data();
}

bool has_header(const Reply& reply, std::string_view name) {
    return std::any_of(reply.headers.begin(), reply.headers.end(),
                       [&](const auto& header) { return equal_ignoring_case(header.first, name); });
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_default(std::string& out, const Reply& reply, std::string_view name,
                    std::string_view value) {
    if (!has_header(reply, name)) {
        append_header(out, name, value);
    }
}

void append_body_headers(std::string& out, const Reply& reply, const ResponseTraits& traits) {
    if (is_bodiless(reply.status)) {
        return;
    }
    if (traits.streamed) {
        append_default(out, reply, "Content-Type", "application/octet-stream");
        if (!traits.old_protocol) {
            append_header(out, "Transfer-Encoding", "chunked");
        }
        return;
    }
    if (!reply.body.empty()) {
        append_default(out, reply, "Content-Type", "application/json");
    }
    append_header(out, "Content-Length", std::to_string(reply.body.size()));
}

}  // namespace

void write_response_head(std::string& out, const Reply& reply, const ResponseTraits& traits) {
    out.clear();
    out += "HTTP/1.1 ";
    out += std::to_string(reply.status);
    out += ' ';
    out += reason_phrase(reply.status);
    out += "\r\n";
    append_header(out, "Server", "pgwright");
    append_header(out, "Date", http_date());
    append_body_headers(out, reply, traits);
    append_default(out, reply, "Cache-Control", "no-store");
    append_default(out, reply, "X-Content-Type-Options", "nosniff");
    append_header(out, "X-Request-Id", traits.request_id);
    for (const auto& [name, value] : reply.headers) {
        append_header(out, name, value);
    }
    if (!traits.keep_alive) {
        append_header(out, "Connection", "close");
    } else if (traits.old_protocol) {
        append_header(out, "Connection", "keep-alive");
    }
    out += "\r\n";
}

bool is_free_header(std::string_view name, std::string_view value) {
    static constexpr std::array<std::string_view, 12> kOurs{"Connection",
                                                            "Content-Length",
                                                            "Transfer-Encoding",
                                                            "Keep-Alive",
                                                            "Upgrade",
                                                            "Trailer",
                                                            "TE",
                                                            "Date",
                                                            "Server",
                                                            "X-Request-Id",
                                                            "Proxy-Connection",
                                                            "Expect"};
    const auto is_ours = [&](std::string_view ours) { return equal_ignoring_case(name, ours); };
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
           std::none_of(kOurs.begin(), kOurs.end(), is_ours) &&
           std::all_of(value.begin(), value.end(), [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t';
           });
}

}  // namespace pgwright::shim
