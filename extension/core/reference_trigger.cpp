#include "core/reference_trigger.hpp"

#include <algorithm>

#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

Change create_trigger(const Entity& entity, const std::string& name, std::string summary,
                      const std::string& body) {
    const std::string table = quote_qualified(entity.schema, entity.table);
    return {"create_trigger",
            name,
            std::move(summary),
            "CREATE TRIGGER " + name + "\n    AFTER " + body + ";",
            "DROP TRIGGER " + name + " ON " + table + ";",
            "SHARE ROW EXCLUSIVE",
            Risk::safe};
}

Change check_references(const Entity& entity, const std::string& event,
                        const std::string& transition) {
    std::string command(event);
    std::ranges::transform(command, command.begin(),
                           [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    return create_trigger(
        entity, "pgwright_check_references_" + event, "Let lookups refer to live records only",
        command + " ON " + quote_qualified(entity.schema, entity.table) + " REFERENCING " +
            transition + "\n    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.check_references()");
}

Change delete_referrers(const Entity& entity) {
    return create_trigger(
        entity, "pgwright_delete_referrers", "Let what refers to a deleted record follow it",
        "UPDATE OF \"deleted_at\" ON " + quote_qualified(entity.schema, entity.table) +
            "\n    FOR EACH ROW WHEN (OLD.\"deleted_at\" IS NULL AND NEW.\"deleted_at\" IS NOT "
            "NULL)"
            "\n    EXECUTE FUNCTION pgwright.delete_referrers()");
}

}  // namespace

std::vector<Change> plan_reference_triggers(const Entity& entity) {
    std::vector<Change> changes;
    const bool refers = std::ranges::any_of(entity.fields, [](const Field& field) {
        return !field.system && field.reference.has_value();
    });
    if (refers) {
        changes.push_back(check_references(entity, "insert", "NEW TABLE AS new_rows"));
        changes.push_back(
            check_references(entity, "update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"));
    }
    if (entity.soft_delete) changes.push_back(delete_referrers(entity));
    return changes;
}

}  // namespace pgwright::core
