// Foreign keys as the server has them, and statements about the two tables of one: for the triggers that
// keep references whole under soft delete (reference_check.cpp, referrers.cpp).
#pragma once

#include <memory>

#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/user.hpp"

namespace pgwright::data {

struct ForeignKey {
    Oid constraint = InvalidOid;
    Oid referring = InvalidOid;  // tables
    Oid referred = InvalidOid;
    std::vector<AttrNumber> columns;  // of the referring table
    std::vector<AttrNumber> keys;     // of the referred table, in the same order
};

// Those of a table, from its relation-cache entry.
std::vector<ForeignKey> foreign_keys_of(Relation relation);
// One of another table's; nullopt when it is gone.
std::optional<ForeignKey> find_foreign_key(Oid referring, Oid constraint);

// Deleting is soft where there is such a column.
bool has_soft_delete(Oid relation);

// For SQL: ONLY "schema"."table", the quoted column.
std::string table_sql(Oid relation);
std::string column_sql(Oid relation, AttrNumber attribute);
// t."a" = $1 AND t."b" = $2 ...
std::string equals_parameters(Oid relation, std::string_view alias,
                              const std::vector<AttrNumber>& columns);
Oid column_type(Oid relation, AttrNumber attribute);

// The rights of a table's owner past its row security, as the server's own referential triggers have
// them: so nobody's triggers run with more rights than the owner of their table has.
class OwnerScope {
  public:
    explicit OwnerScope(Oid relation);

  private:
    pg::SettingsScope settings_;
    pg::UserSwitch user_;
    pg::Spi spi_;
};

enum class Purpose : std::uint8_t { check_one, check_many, lock, find, cascade, set_null };

// The backend's cache of these statements. Key: constraint and purpose. Bound: kMaxKeptPlans, then
// emptied. Owner: foreign_key.cpp. A plan whose tables have changed is prepared anew from a new text.
inline constexpr std::size_t kMaxKeptPlans = 512;
using PlanPointer = std::shared_ptr<const pg::Plan>;
PlanPointer find_plan(const ForeignKey& key, Purpose purpose);
PlanPointer keep_plan(const ForeignKey& key, Purpose purpose, std::string_view sql,
                      std::span<const Oid> types);

}  // namespace pgwright::data
