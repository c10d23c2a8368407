// The id that ties a response, its log line and the database's log together.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace pgwright::shim {

// 1 to 64 characters of [A-Za-z0-9._-]; any other id a client sends is replaced.
bool is_request_id(std::string_view text);

// One per thread. Ids are unique, not secret.
class RequestIds {
  public:
    RequestIds() : random_(std::random_device{}()) {}
    explicit RequestIds(std::uint64_t seed) : random_(seed) {}

    // 32 hexadecimal digits.
    std::string next();

  private:
    std::mt19937_64 random_;
};

}  // namespace pgwright::shim
