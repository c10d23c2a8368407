// libjwt, loaded out of the server's reach. libjwt calls json_object() of libjansson; the server
// executable exports an SQL function of that very name, the dynamic linker finds it first, and the
// first token would crash the backend. RTLD_DEEPBIND makes libjwt look among its own libraries
// first, but only dlopen() can ask for it: so the module does not link with -ljwt, and these
// functions stand in for the library's. The core calls them as ever. A function that is missing
// here shows when the module is loaded: "undefined symbol: jwt_...".

#include <dlfcn.h>
#include <jwt.h>

#include <stdexcept>
#include <string>

namespace {

constexpr const char* kLibrary = "libjwt.so.0";

[[noreturn]] void fail() {
    const char* reason = dlerror();
    throw std::runtime_error(std::string("could not load ") + kLibrary + ": " +
                             (reason != nullptr ? reason : "unknown error"));
}

// Never closed: a backend that has made one token makes more.
void* library() {
    static void* const handle = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (handle == nullptr) {
        fail();
    }
    return handle;
}

template <typename Function>
Function* find(const char* name) {
    void* address = dlsym(library(), name);
    if (address == nullptr) {
        fail();
    }
    return reinterpret_cast<Function*>(address);
}

}  // namespace

#define FORWARD(name, parameters, arguments)                       \
    auto name parameters->decltype(name arguments) {               \
        static auto* const function = find<decltype(name)>(#name); \
        return function arguments;                                 \
    }

extern "C" {
FORWARD(jwt_new, (jwt_t * *jwt), (jwt))
FORWARD(jwt_free, (jwt_t * jwt), (jwt))
FORWARD(jwt_decode, (jwt_t * *jwt, const char* token, const unsigned char* key, int key_len),
        (jwt, token, key, key_len))
FORWARD(jwt_encode_str, (jwt_t * jwt), (jwt))
FORWARD(jwt_set_alg, (jwt_t * jwt, jwt_alg_t algorithm, const unsigned char* key, int length),
        (jwt, algorithm, key, length))
FORWARD(jwt_get_alg, (jwt_t * jwt), (jwt))
FORWARD(jwt_add_header, (jwt_t * jwt, const char* header, const char* val), (jwt, header, val))
FORWARD(jwt_get_header, (jwt_t * jwt, const char* header), (jwt, header))
FORWARD(jwt_get_headers_json, (jwt_t * jwt, const char* header), (jwt, header))
FORWARD(jwt_add_grant, (jwt_t * jwt, const char* grant, const char* val), (jwt, grant, val))
FORWARD(jwt_add_grant_int, (jwt_t * jwt, const char* grant, long val), (jwt, grant, val))
FORWARD(jwt_add_grants_json, (jwt_t * jwt, const char* json), (jwt, json))
FORWARD(jwt_get_grant, (jwt_t * jwt, const char* grant), (jwt, grant))
FORWARD(jwt_get_grant_int, (jwt_t * jwt, const char* grant), (jwt, grant))
FORWARD(jwt_get_grants_json, (jwt_t * jwt, const char* grant), (jwt, grant))
}
