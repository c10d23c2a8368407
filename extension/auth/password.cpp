// Passwords; see password.hpp.
#include "auth/password.hpp"

#include <sodium.h>

#include "auth/random.hpp"
#include "core/value_check.hpp"

namespace pgwright::auth {

namespace {

constexpr auto kOperations = crypto_pwhash_OPSLIMIT_INTERACTIVE;
constexpr auto kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

// A hash of nothing anybody can type, at the cost of a real one: verified where there is no user, so
// that the time of the answer does not tell. Made once per backend, on either path.
const std::string& decoy() {
    static const std::string hash = hash_password(random_bytes(32));
    return hash;
}

}  // namespace

void check_password(std::string_view password, core::Faults& faults) {
    if (core::count_characters(password) < kMinPasswordCharacters)
        faults.add("password",
                   "must be at least " + std::to_string(kMinPasswordCharacters) + " characters");
    if (password.size() > kMaxPasswordBytes)
        faults.add("password", "must be at most " + std::to_string(kMaxPasswordBytes) + " bytes");
}

std::string hash_password(std::string_view password) {
    require_sodium();
    std::string hash(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str(hash.data(), password.data(), password.size(), kOperations, kMemory) != 0)
        throw std::bad_alloc();
    hash.resize(hash.find('\0'));
    return hash;
}

bool verify_password(std::string_view password, const std::string& hash) {
    require_sodium();
    const std::string& other = decoy();
    const std::string& against = hash.empty() ? other : hash;
    const bool right =
        crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    return right && !hash.empty();
}

}  // namespace pgwright::auth
