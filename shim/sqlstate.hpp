// Maps an error of the database to the one a client gets. Decides by SQLSTATE alone, never by a
// message's text. Errors of class PW are written for clients and are shown; any other is not.
#pragma once

#include <string>
#include <string_view>

#include "shim/error.hpp"

namespace pgwright::shim {

struct ServerError {
    std::string sqlstate;
    std::string message;
    std::string detail = {};
    std::string hint = {};
    std::string context = {};
};

ApiError api_error(const ServerError& error);

}  // namespace pgwright::shim
