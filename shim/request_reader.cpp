// The parser stops after the head, so that a request can be turned down before its body is read.
#include "shim/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "shim/ascii.hpp"

namespace pgwright::shim {

namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::optional<std::string_view> header(const http::fields& fields, http::field name) {
    const auto found = fields.find(name);
    if (found == fields.end()) {
        return std::nullopt;
    }
    return view(found->value());
}

// Where a body of another coding ends is not known, and the next request would be read from it.
bool has_known_coding(const http::request<http::string_body>& message) {
    const auto codings = message.count(http::field::transfer_encoding);
    return codings == 0 ||
           (codings == 1 && message.version() == 11 &&
            equal_ignoring_case(trimmed(view(message[http::field::transfer_encoding])), "chunked"));
}

}  // namespace

struct RequestReader::Parser {
    std::optional<http::request_parser<http::string_body>> message;
};

RequestReader::RequestReader(std::size_t header_limit, std::size_t body_limit)
    : header_limit_(header_limit), body_limit_(body_limit), parser_(std::make_unique<Parser>()) {
    start();
}

RequestReader::~RequestReader() = default;

void RequestReader::start() {
    parser_->message.emplace();
    parser_->message->header_limit(static_cast<std::uint32_t>(header_limit_));
    parser_->message->body_limit(body_limit_);
    state_ = State::head;
    head_bytes_ = 0;
    request_ = {};
    error_ = {};
}

std::size_t RequestReader::put(std::string_view bytes) {
    auto& message = *parser_->message;
    boost::system::error_code error;
    const std::size_t taken = message.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != http::error::need_more) {
        read_fields();
        fail(error.value(), error.message());
        return taken;
    }
    if (state_ == State::head && !count_head(taken)) {
        return taken;
    }
    if (state_ == State::head && message.is_header_done()) {
        message.eager(true);
        state_ = State::body;
        read_fields();
        read_framing();
        check_head();
    }
    if (state_ == State::body && message.is_done()) {
        request_.body = std::move(message.get().body());
        state_ = State::complete;
    }
    return taken;
}

// The parser's own limit is for what it is offered at once: fields that come one by one pass it.
bool RequestReader::count_head(std::size_t bytes) {
    head_bytes_ += bytes;
    if (head_bytes_ <= header_limit_) {
        return true;
    }
    read_fields();
    fail(static_cast<int>(http::error::header_limit), {});
    return false;
}

void RequestReader::fail(int code_value, const std::string& reason) {
    state_ = State::failed;
    switch (static_cast<http::error>(code_value)) {
        case http::error::header_limit: error_ = {ErrorCode::headers_too_large, {}}; return;
        case http::error::body_limit: error_ = {ErrorCode::payload_too_large, {}}; return;
        default:
            error_ = {ErrorCode::validation_error, "The request is malformed: " + reason + "."};
            return;
    }
}

void RequestReader::read_fields() {
    const auto& message = parser_->message->get();
    request_.method = view(message.method_string());
    request_.target = view(message.target());
    request_.authorization = header(message, http::field::authorization);
    request_.repeated_authorization = message.count(http::field::authorization) > 1;
    if (const auto key = message.find("X-API-Key"); key != message.end()) {
        request_.api_key = view(key->value());
        request_.repeated_api_key = message.count("X-API-Key") > 1;
    }
    request_.user_agent = header(message, http::field::user_agent);
    request_.content_type = header(message, http::field::content_type);
    request_.content_encoding = header(message, http::field::content_encoding);
    request_.headers.clear();
    for (const auto& field : message) {
        request_.headers.emplace_back(view(field.name_string()), view(field.value()));
    }
    if (const auto id = message.find("X-Request-Id"); id != message.end()) {
        request_.request_id = view(id->value());
    }
}

void RequestReader::read_framing() {
    const auto& parser = *parser_->message;
    const auto& message = parser.get();
    request_.has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
    request_.keep_alive = parser.keep_alive();
    request_.old_protocol = message.version() == 10;
    request_.expects_continue =
        !request_.old_protocol &&
        equal_ignoring_case(header(message, http::field::expect).value_or(""), "100-continue");
}

// RFC 9112: 2.3 on versions, 3.2 on Host, 6.1 on transfer codings.
void RequestReader::check_head() {
    const auto& message = parser_->message->get();
    if (message.version() != 10 && message.version() != 11) {
        state_ = State::failed;
        error_ = {ErrorCode::validation_error, "Only HTTP/1.0 and HTTP/1.1 are served."};
    } else if (const auto hosts = message.count(http::field::host);
               hosts > 1 || (hosts == 0 && message.version() == 11)) {
        state_ = State::failed;
        error_ = {ErrorCode::validation_error, "The request must have one Host header."};
    } else if (!has_known_coding(message)) {
        state_ = State::failed;
        error_ = {ErrorCode::validation_error, "Of the transfer codings only chunked is known."};
    }
}

}  // namespace pgwright::shim
