// Definitions of identity providers; see identity_provider.hpp.
#include "core/identity_provider.hpp"

#include <algorithm>
#include <array>

#include "core/definition_reader.hpp"
#include "core/token.hpp"

namespace pgwright::core {

namespace {

constexpr std::array<std::string_view, 13> kMembers = {
    "name",           "issuer",        "audience",      "is_active",    "algorithms",
    "jwks",           "public_keys",   "claim_mapping", "role_mapping", "roles_from",
    "auto_provision", "link_by_email", "max_token_age",
};
constexpr std::array<std::string_view, 7> kComputed = {
    "id", "tenant_id", "created_at", "updated_at", "created_by", "updated_by", "key_count"};
constexpr std::array<std::string_view, 3> kRolesFrom = {"token", "database", "both"};
constexpr std::array<std::string_view, 3> kLinkByEmail = {"never", "verified", "always"};

constexpr std::size_t kMaxNameCharacters = 100;
constexpr std::size_t kMaxUriCharacters = 255;
constexpr std::size_t kMaxPath = 4;
constexpr std::size_t kMaxClaimBytes = 255;
constexpr std::size_t kMaxMappedRoles = 256;
constexpr std::size_t kMaxDocumentBytes = 65536;

template <typename Enumeration, std::size_t size>
Enumeration enumeration_of(const std::array<std::string_view, size>& names, std::string_view name) {
    return static_cast<Enumeration>(std::ranges::find(names, name) - names.begin());
}

// A URI or a plain name, compared byte by byte: no blanks and nothing beyond ASCII to confuse with it.
std::string read_uri(DefinitionReader& reader, std::string_view key) {
    std::string text = reader.text(key, kMaxUriCharacters).value_or("");
    if (reader.member(key) == nullptr)
        reader.fault(key, "is required");
    else if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; }) ||
             text.empty())
        reader.fault(key, "must be printable ASCII without blanks, up to 255 characters");
    else if (key == "issuer" && text == kTokenIssuer)
        reader.fault(key, "is the issuer of this database's own tokens");
    return text;
}

std::string read_name(DefinitionReader& reader) {
    std::string name = reader.text("name", kMaxNameCharacters).value_or("");
    if (name.empty()) reader.fault("name", "must have 1 to 100 characters");
    return name;
}

std::vector<TokenAlgorithm> read_algorithms(DefinitionReader& reader) {
    const Json* const given = reader.array("algorithms");
    if (reader.member("algorithms") == nullptr) return {TokenAlgorithm::rs256};
    std::vector<TokenAlgorithm> algorithms;
    const std::size_t count = given == nullptr ? 0 : given->items().size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto algorithm = find_algorithm(given->items()[i].text());
        if (algorithm && std::ranges::find(algorithms, *algorithm) == algorithms.end())
            algorithms.push_back(*algorithm);
    }
    if (algorithms.empty() || algorithms.size() != count)
        reader.fault("algorithms", "must be some of RS256, PS256, ES256, EdDSA, each once");
    return algorithms;
}

void read_pem_keys(DefinitionReader& reader, const Json& list, std::vector<PublicKey>& keys,
                   Faults& faults) {
    if (list.items().size() > kMaxPublicKeys)
        return reader.fault("public_keys", "must be at most 32 keys");
    for (std::size_t i = 0; i < list.items().size(); ++i) {
        const std::string path = reader.path("public_keys") + "[" + std::to_string(i) + "]";
        if (auto key = PublicKey::from_pem(list.items()[i].text(), path, faults))
            keys.push_back(std::move(*key));
    }
}

// A JWKS, PEM keys, or both; every algorithm that is allowed must have a key.
std::vector<PublicKey> read_keys(DefinitionReader& reader,
                                 const std::vector<TokenAlgorithm>& algorithms, Faults& faults) {
    std::vector<PublicKey> keys;
    const std::size_t before = faults.list().size();
    if (const Json* const jwks = reader.object("jwks")) {
        if (jwks->dump().size() > kMaxDocumentBytes)
            reader.fault("jwks", "must be at most 64 kilobytes");
        else
            keys = read_jwks(*jwks, reader.path("jwks"), faults);
    }
    if (const Json* const list = reader.array("public_keys"))
        read_pem_keys(reader, *list, keys, faults);
    if (faults.list().size() != before) return keys;
    for (const TokenAlgorithm algorithm : algorithms)
        if (std::ranges::none_of(keys, [&](const PublicKey& key) { return key.fits(algorithm); }))
            reader.fault(reader.member("jwks") == nullptr ? "public_keys" : "jwks",
                         "has no key to verify " + std::string(algorithm_name(algorithm)) +
                             " signatures with");
    return keys;
}

// A claim's name, or the names on the way to it.
void read_path(DefinitionReader& reader, std::string_view key, ClaimPath& path) {
    const Json* const given = reader.member(key);
    if (given == nullptr) return;
    const auto names = read_texts(*given);
    const bool right = names && !names->empty() && names->size() <= kMaxPath &&
                       std::ranges::all_of(*names, [](const std::string& name) {
                           return !name.empty() && name.size() <= kMaxClaimBytes;
                       });
    if (right)
        path = *names;
    else
        reader.fault(key,
                     "must be the name of a claim, or an array of up to 4 names that lead to it");
}

ClaimMapping read_claim_mapping(DefinitionReader& outer, Faults& faults) {
    constexpr std::array<std::string_view, 6> names = {
        "subject", "email", "email_verified", "display_name", "department", "roles"};
    ClaimMapping mapping;
    const Json* const given = outer.object("claim_mapping");
    if (given == nullptr) return mapping;
    const std::string place = outer.path("claim_mapping") + ".";
    DefinitionReader reader(*given, place, faults);
    reader.refuse_others(names, {}, "claim mapping");
    const std::array<ClaimPath*, 6> paths = {&mapping.subject,        &mapping.email,
                                             &mapping.email_verified, &mapping.display_name,
                                             &mapping.department,     &mapping.roles};
    for (std::size_t i = 0; i < names.size(); ++i) read_path(reader, names[i], *paths[i]);
    return mapping;
}

void read_role_mapping(DefinitionReader& reader, IdentityProvider& provider) {
    const Json* const given = reader.object("role_mapping");
    if (given == nullptr) return;
    if (given->members().size() > kMaxMappedRoles)
        return reader.fault("role_mapping", "must be at most 256 names");
    for (const auto& [name, roles] : given->members()) {
        const auto names = read_texts(roles);
        if (!names || names->empty() || name.empty())
            reader.fault("role_mapping", "must map names to a role's name or an array of them");
        else if (std::ranges::find(*names, "super_admin") != names->end())
            reader.fault("role_mapping", "must not grant super_admin, which no provider may");
        else
            provider.role_mapping[name] = *names;
    }
}

void read_choices(DefinitionReader& reader, IdentityProvider& provider) {
    if (const auto given = reader.one_of("roles_from", kRolesFrom))
        provider.roles_from = enumeration_of<RolesFrom>(kRolesFrom, *given);
    if (const auto given = reader.one_of("link_by_email", kLinkByEmail))
        provider.link_by_email = enumeration_of<LinkByEmail>(kLinkByEmail, *given);
    provider.auto_provision = reader.boolean("auto_provision").value_or(false);
    provider.is_active = reader.boolean("is_active").value_or(true);
    provider.max_token_age =
        reader.integer("max_token_age", 60, kMaxTokenAge).value_or(kDefaultTokenAge);
}

Json path_json(const ClaimPath& path) {
    if (path.empty()) return {};
    if (path.size() == 1) return Json::string(path.front());
    Json::Array names;
    for (const std::string& name : path) names.push_back(Json::string(name));
    return Json::array(std::move(names));
}

Json mapping_json(const ClaimMapping& mapping) {
    return Json::object({{"subject", path_json(mapping.subject)},
                         {"email", path_json(mapping.email)},
                         {"email_verified", path_json(mapping.email_verified)},
                         {"display_name", path_json(mapping.display_name)},
                         {"department", path_json(mapping.department)},
                         {"roles", path_json(mapping.roles)}});
}

Json algorithms_json(const std::vector<TokenAlgorithm>& algorithms) {
    Json::Array names;
    for (const TokenAlgorithm algorithm : algorithms)
        names.push_back(Json::string(std::string(algorithm_name(algorithm))));
    return Json::array(std::move(names));
}

Json member_or(const Json& definition, std::string_view key, const Json& otherwise) {
    const Json* const given = definition.find(key);
    return given == nullptr || given->is_null() ? otherwise : *given;
}

}  // namespace

IdentityProvider read_identity_provider(const Json& definition) {
    constexpr const char* message = "the identity provider is not valid";
    if (!definition.is_object())
        throw Failure(Code::validation_error, message, {{"definition", "must be a JSON object"}});
    Faults faults;
    DefinitionReader reader(definition, "", faults);
    reader.refuse_others(kMembers, kComputed, "identity provider");
    IdentityProvider provider;
    provider.name = read_name(reader);
    provider.issuer = read_uri(reader, "issuer");
    provider.audience = read_uri(reader, "audience");
    provider.algorithms = read_algorithms(reader);
    provider.keys = read_keys(reader, provider.algorithms, faults);
    provider.claims = read_claim_mapping(reader, faults);
    read_role_mapping(reader, provider);
    read_choices(reader, provider);
    faults.raise(message);
    return provider;
}

Json complete_identity_provider(const Json& definition) {
    const IdentityProvider provider = read_identity_provider(definition);
    const auto text = [](std::string_view value) { return Json::string(std::string(value)); };
    return Json::object(
        {{"name", text(provider.name)},
         {"issuer", text(provider.issuer)},
         {"audience", text(provider.audience)},
         {"is_active", Json::boolean(provider.is_active)},
         {"algorithms", algorithms_json(provider.algorithms)},
         {"jwks", member_or(definition, "jwks", {})},
         {"public_keys", member_or(definition, "public_keys", Json::array())},
         {"claim_mapping", mapping_json(provider.claims)},
         {"role_mapping", member_or(definition, "role_mapping", Json::object())},
         {"roles_from", text(kRolesFrom[static_cast<std::size_t>(provider.roles_from)])},
         {"auto_provision", Json::boolean(provider.auto_provision)},
         {"link_by_email", text(kLinkByEmail[static_cast<std::size_t>(provider.link_by_email)])},
         {"max_token_age", Json::number(std::to_string(provider.max_token_age))}});
}

}  // namespace pgwright::core
