// Passwords; see password.hpp.
#include "pg/spi.hpp"

#include "auth/password.hpp"

#include <algorithm>

#include <sodium.h>

#include "auth/account.hpp"
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

// Of ASCII; a letter of another script is none of these four.
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_special(char c) {
    return static_cast<unsigned char>(c) < 0x80 && !is_lower(c) && !is_upper(c) && !is_digit(c);
}

bool has_any(std::string_view text, bool (*is_one)(char)) {
    return std::ranges::any_of(text, is_one);
}

bool is_email_or_its_name(std::string_view password, std::string_view email) {
    const std::string typed = normalise_email(password);
    return !email.empty() && (typed == email || typed == email.substr(0, email.find('@')));
}

// What is kept of former passwords: the most that a policy may ask for.
constexpr std::string_view kPruneHistorySql =
    "DELETE FROM pgwright.password_history WHERE user_id = $1 AND id NOT IN (SELECT id FROM "
    "pgwright.password_history WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 24)";

}  // namespace

void check_password(std::string_view password, std::string_view email, const PasswordRules& rules,
                    std::string_view field, core::Faults& faults) {
    if (core::count_characters(password) < static_cast<std::size_t>(rules.min_length))
        faults.add(field, "must be at least " + std::to_string(rules.min_length) + " characters");
    if (password.size() > kMaxPasswordBytes)
        faults.add(field, "must be at most " + std::to_string(kMaxPasswordBytes) + " bytes");
    if (rules.lower && !has_any(password, is_lower))
        faults.add(field, "must have a lower-case letter");
    if (rules.upper && !has_any(password, is_upper))
        faults.add(field, "must have a capital letter");
    if (rules.digit && !has_any(password, is_digit)) faults.add(field, "must have a digit");
    if (rules.special && !has_any(password, is_special))
        faults.add(field, "must have a character that is neither letter nor digit");
    if (is_email_or_its_name(password, email)) faults.add(field, "must not be the e-mail address");
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

bool was_used(const core::Uuid& user, std::string_view password, int last) {
    if (last <= 0) return false;
    pg::Params params;
    params.add_uuid(user).add_integer(last);
    const pg::Result result = pg::execute(
        "SELECT password_hash FROM (SELECT password_hash, pg_catalog.now() + interval '1 day' AS "
        "at, "
        "NULL::uuid AS id FROM pgwright.users WHERE id = $1 AND password_hash IS NOT NULL"
        " UNION ALL SELECT password_hash, created_at, id FROM pgwright.password_history WHERE "
        "user_id "
        "= $1) h ORDER BY at DESC, id DESC LIMIT $2",
        params, true);
    for (std::size_t i = 0; i < result.rows(); ++i)
        if (verify_password(password, result.row(i).text(0))) return true;
    return false;
}

void set_password(const core::Uuid& user, std::string_view password) {
    pg::Params params;
    params.add_uuid(user);
    pg::execute(
        "INSERT INTO pgwright.password_history (user_id, password_hash) SELECT id, password_hash "
        "FROM pgwright.users WHERE id = $1 AND password_hash IS NOT NULL",
        params, false);
    pg::execute(kPruneHistorySql, params, false);
    params.add_text(hash_password(password));
    pg::execute("UPDATE pgwright.users SET password_hash = $2 WHERE id = $1", params, false);
}

}  // namespace pgwright::auth
