// Where the name of a field in a condition leads: to a field of the record, over lookups and relationships
// to one of other records, and from a json field on into its document.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.hpp"

namespace pgwright::core {

struct FieldPath {
    std::vector<Related> steps;
    const Field* field = nullptr;
    std::vector<std::string> document;
    // The steps' names and the field's as they were written; the document's keys are not among them.
    std::vector<std::string> names;

    [[nodiscard]] bool has_many() const noexcept;
};

// Nothing when it leads nowhere that the context allows. `own` says that the entity's columns have the
// statement's usual alias, for which alone fields that are computed at read are written.
std::optional<FieldPath> find_field(const Entity& entity, std::string_view name,
                                    const ConditionContext& context, bool own);

// What is wrong with the keys of a path into a document.
std::optional<std::string> document_fault(const std::vector<std::string>& keys);

}  // namespace pgwright::core
