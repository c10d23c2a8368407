// The formulas of calculated fields: their check as a whole, which finds cycles, and their SQL.
#include <algorithm>
#include <utility>

#include "core/definition_reader.hpp"
#include "core/expression_sql.hpp"
#include "core/identifier.hpp"
#include "core/validation_rule.hpp"

namespace pgwright::core {
namespace expression {

const Field& Columns::find(std::string_view name) const { return *find_field(fields_, name); }

std::string Columns::sql(const Field& field) {
    if (field.is_calculated() && (write_out_ || !field.stored)) return "(" + formula(field) + ")";
    const std::string prefix = alias_.empty() ? std::string() : std::string(alias_) + ".";
    return prefix + quote_identifier(field.name);
}

std::string Columns::formula(const Field& field) {
    if (const auto found = formulas_.find(field.name); found != formulas_.end())
        return found->second;
    std::string sql;
    if (open_.insert(field.name).second) {
        sql = compile(field);
        open_.erase(field.name);
    }
    if (sql.empty()) sql = "NULL::" + sql_type_of(field);
    return formulas_[field.name] = std::move(sql);
}

std::string Columns::compile(const Field& field) {
    try {
        const Expression parsed = parse_expression(field.formula);
        Faults faults;
        const Typed typed = type_expression(parsed, fields_, "", faults);
        check_assignable(typed.checked, field, "", faults);
        if (faults.empty()) return compile_value(parsed, typed.types, *this, field);
    } catch (const Failure&) {  // of the parser: a fault like the others
        return {};
    }
    return {};
}

namespace {

// How often the tree names the field.
std::size_t occurrences(const Node& node, std::string_view name) {
    std::size_t count = node.kind == Kind::field && node.text == name ? 1 : 0;
    for (const NodePtr& child : node.children) count += occurrences(*child, name);
    return count;
}

// Every formula with those it uses. A visit goes depth first; a formula that it meets while visiting
// it is on a cycle.
class Graph {
  public:
    struct Formula {
        const Field* field = nullptr;
        std::optional<Expression> parsed;
        Faults faults;               // without paths
        std::set<std::string> uses;  // at first directly, then through others too
        std::size_t nodes = 0;       // its own and those it is written out with
        bool immutable = false;
        bool good = false;  // so are all it uses
        enum class State { untouched, open, done } state = State::untouched;
    };

    explicit Graph(std::span<const Field> fields) {
        for (const Field& field : fields) {
            if (field.is_calculated()) read(field, fields);
        }
        for (auto& [name, formula] : formulas_) visit(formula);
    }

    [[nodiscard]] const Formula& of(const Field& field) const {
        return formulas_.find(field.name)->second;
    }

  private:
    void read(const Field& field, std::span<const Field> fields) {
        Formula& formula = formulas_[field.name];
        formula.field = &field;
        try {
            formula.parsed = parse_expression(field.formula);
        } catch (const Failure& failure) {
            return formula.faults.add("", failure.faults().front().message);
        }
        const CheckedExpression checked =
            check_expression(*formula.parsed, fields, "", formula.faults);
        if (formula.faults.empty()) check_assignable(checked, field, "", formula.faults);
        formula.uses = checked.fields;
        formula.nodes = formula.parsed->nodes();
        formula.immutable = checked.immutable;
        formula.good = formula.faults.empty();
    }

    void visit(Formula& formula) {
        formula.state = Formula::State::open;
        stack_.push_back(&formula);
        const std::set<std::string> direct = formula.uses;
        for (const std::string& name : direct) {
            const auto used = formulas_.find(name);
            if (used == formulas_.end()) continue;
            if (used->second.state == Formula::State::untouched) visit(used->second);
            if (used->second.state == Formula::State::open) {
                report_cycle(used->second);
            } else {
                take(formula, used->second);
            }
        }
        refuse_excess(formula);
        stack_.pop_back();
        formula.state = Formula::State::done;
    }

    static void take(Formula& formula, const Formula& used) {
        formula.uses.insert(used.uses.begin(), used.uses.end());
        formula.nodes += used.nodes * occurrences(formula.parsed->root(), used.field->name);
        formula.immutable = formula.immutable && used.immutable;
        formula.good = formula.good && used.good;
    }

    // On every member, beginning with it.
    void report_cycle(const Formula& first) {
        auto begin = std::find(stack_.begin(), stack_.end(), &first);
        std::vector<Formula*> cycle(begin, stack_.end());
        for (std::size_t i = 0; i < cycle.size(); ++i) {
            std::string text = "uses itself: ";
            for (const Formula* each : cycle) text.append(each->field->name).append(" -> ");
            cycle.front()->good = false;
            add_once(cycle.front()->faults, "", text + cycle.front()->field->name);
            std::rotate(cycle.begin(), cycle.begin() + 1, cycle.end());
        }
    }

    static void refuse_excess(Formula& formula) {
        if (formula.nodes <= kMaxFormulaNodes) return;
        formula.nodes = kMaxFormulaNodes + 1;  // nor may the sum of many overflow
        if (formula.good) {
            formula.faults.add("", "must have at most " + std::to_string(kMaxFormulaNodes) +
                                       " values, operators and calls together with the "
                                       "calculated fields it uses");
        }
        formula.good = false;
    }

    std::map<std::string, Formula, std::less<>> formulas_;
    std::vector<Formula*> stack_;
};

// What is stored is found anew from the formulas.
std::vector<Field> as_stored(std::vector<Field> fields) {
    for (Field& field : fields) field.stored = true;
    return fields;
}

}  // namespace
}  // namespace expression

namespace {

bool any_calculated(const std::vector<Field>& fields) {
    return std::any_of(fields.begin(), fields.end(),
                       [](const Field& field) { return field.is_calculated(); });
}

void refuse_index(const Field& field, const std::string& path, Faults& faults) {
    const std::string message =
        "is not for a field that is computed when it is read; its formula depends on more than "
        "the record";
    if (field.unique) add_once(faults, path + "is_unique", message);
    if (field.indexed) add_once(faults, path + "is_indexed", message);
}

// A path that has a fault already gets no second complaint.
bool has_fault(const Faults& faults, const std::string& path) {
    return std::any_of(faults.list().begin(), faults.list().end(),
                       [&](const Fault& fault) { return fault.field == path; });
}

void check_formula(const expression::Graph::Formula& formula, const std::string& path,
                   Faults& faults) {
    const std::string key = path + "calculation_formula";
    if (has_fault(faults, key)) return;
    for (const Fault& fault : formula.faults.list()) faults.add(key, fault.message);
    if (formula.good && !formula.immutable) refuse_index(*formula.field, path, faults);
}

void compile_formula(Field& field, const expression::Graph::Formula& formula,
                     std::span<const Field> fields) {
    // What has no column may use the columns of those that have one.
    expression::Columns table(fields, "", field.stored);
    expression::Columns read(fields, "r", field.stored);
    field.formula_sql = formula.good ? table.formula(field) : "NULL::" + sql_type_of(field);
    field.read_sql = formula.good ? read.formula(field) : field.formula_sql;
    field.formula_fields.assign(formula.uses.begin(), formula.uses.end());
}

bool has_field(const std::vector<Field>& fields, std::string_view name) {
    return expression::find_field(fields, name) != nullptr;
}

}  // namespace

void check_formulas(const std::vector<Field>& fields, std::span<const std::string> paths,
                    Faults& faults) {
    if (!any_calculated(fields)) return;
    const std::vector<Field> checked = expression::as_stored(fields);
    const expression::Graph graph(checked);
    for (std::size_t i = 0; i < checked.size(); ++i) {
        if (checked[i].is_calculated()) check_formula(graph.of(checked[i]), paths[i], faults);
    }
}

void compile_formulas(std::vector<Field>& fields, bool can_store) {
    if (!any_calculated(fields)) return;
    fields = expression::as_stored(std::move(fields));
    const expression::Graph graph(fields);
    for (Field& field : fields) {
        if (!field.is_calculated()) continue;
        const auto& formula = graph.of(field);
        field.stored = can_store && formula.good && formula.immutable;
    }
    for (Field& field : fields) {
        if (field.is_calculated()) compile_formula(field, graph.of(field), fields);
    }
}

std::vector<Field> formula_scope(const Entity& entity) {
    std::vector<Field> fields = entity.fields;
    if (!entity.generated) return fields;
    const auto add = [&](std::vector<Field> system) {
        for (Field& field : system) {
            if (!has_field(fields, field.name)) fields.push_back(std::move(field));
        }
    };
    add(leading_system_fields());
    add(trailing_system_fields(entity.soft_delete));
    return fields;
}

void compile_formulas(Entity& entity) {
    if (any_calculated(entity.fields)) {
        std::vector<Field> fields = formula_scope(entity);
        compile_formulas(fields, entity.generated);
        fields.resize(entity.fields.size());
        entity.fields = std::move(fields);
    }
    compile_rules(entity);
}

}  // namespace pgwright::core
