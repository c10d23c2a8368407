// One comparison of a condition, from what was written to what is compiled: its field found, its operator
// held against the field's type, its value checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition_field.hpp"
#include "core/error.hpp"

namespace pgwright::core {

// Where a part of the document stands: whose fields it names, and how deep.
struct Standpoint {
    const Entity* entity = nullptr;
    std::size_t depth = 1;  // of trees
    std::size_t steps = 0;  // from the record to the entity
};

// A comparison as it was written. Pointers are null where nothing was given.
struct Written {
    std::string field;  // its name
    OperatorInfo op;
    const Json* value = nullptr;
    const Json* value_field = nullptr;
    const Json* document = nullptr;  // the member "path"
    const Json* quantifier = nullptr;
    bool spelled = false;  // the short form, which query strings become
    // Where faults are told: of the object, its field, its operator and its value.
    std::string path, field_path, operator_path, value_path;
};

// Whether it takes no value, its name saying all.
bool takes_nothing(const OperatorInfo& op) noexcept;

std::optional<Condition::Quantifier> find_quantifier(std::string_view name) noexcept;

// The condition about the records that the steps lead to.
Condition behind(const std::vector<Related>& steps, Condition::Quantifier quantifier,
                 Condition child);

class ComparisonReader {
  public:
    // root is the path of the whole condition.
    ComparisonReader(std::string_view root, const ConditionContext& context, Faults& faults)
        : root_(root), context_(context), faults_(faults) {}

    // What a faulty comparison becomes does not matter: the faults are told in the end.
    Condition read(const Written& written, const Standpoint& standpoint);
    [[nodiscard]] std::optional<FieldPath> find(std::string_view name,
                                                const Standpoint& standpoint) const;
    // False, and a fault, when these steps to other records are too many.
    bool count_steps(std::size_t steps, const Standpoint& standpoint, const std::string& path);

  private:
    Condition::Quantifier quantifier_of(const Written& written, const FieldPath& path);
    void add_document(FieldPath& path, const Json& keys, const std::string& at);
    void take_value(const Written& written, Condition& condition, const Standpoint& standpoint);
    void take_values(const Written& written, Condition& condition);
    void take_other(const Written& written, Condition& condition, const Standpoint& standpoint);
    [[nodiscard]] const Placeholder* placeholder_of(const Json& value) const;
    Condition fault(const std::string& path, std::string message);

    std::string root_;
    const ConditionContext& context_;
    Faults& faults_;
    std::size_t steps_ = 0;      // of the whole condition
    std::string_view language_;  // of the entity whose field is compared
};

}  // namespace pgwright::core
