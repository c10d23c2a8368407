// Field rules: what of an entity's fields a role sees and may write, and the entity as somebody with
// certain roles knows it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

// From the least to the most; masked values cannot be written, hidden fields do not exist.
enum class FieldMode : std::uint8_t { open, write_once, readonly, masked, hidden };
enum class Mask : std::uint8_t { last4, email, hash, constant };

std::optional<FieldMode> find_field_mode(std::string_view name) noexcept;
std::optional<Mask> find_mask(std::string_view name) noexcept;

struct FieldRule {
    Uuid entity;
    Uuid field;
    FieldMode mode = FieldMode::open;
    Mask mask = Mask::constant;
    std::string mask_text;  // of Mask::constant
};

// By the field's id; fields without a rule are open.
using FieldRules = std::map<Uuid, FieldRule>;

// What somebody with these roles, each with its rules nearest first, sees of the entity: of every field
// the mildest rule, because another role takes nothing away.
FieldRules mildest(const std::vector<FieldRules>& roles);

// The entity without hidden fields and what is calculated of them, with masked ones as texts that are
// neither compared nor sorted by, and read-only ones as such.
Entity restricted(const Entity& entity, const FieldRules& rules);

// SQL: the masked value of a column, as text; null stays null.
//   last4     "************1234"; four characters or fewer are masked whole
//   email     "j***@example.org"
//   hash      the first 16 hexadecimal digits of SHA-256: equal values have equal masks
//   constant  the rule's text, or "***"
std::string mask_sql(std::string_view column, const FieldRule& rule);

}  // namespace pgwright::core
