// What a condition uses, and conditions whose fields have got other names; see condition.hpp.
#include <algorithm>

#include "core/condition.hpp"
#include "core/condition_field.hpp"

namespace pgwright::core {

namespace {

template <typename Value>
void add_once(std::vector<Value>& values, Value value) {
    if (std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
}

template <typename Visit>
void visit_parts(const Condition& condition, const Visit& visit) {
    visit(condition);
    for (const Condition& child : condition.children) visit_parts(child, visit);
}

// The fields by which a step is made: of the entity itself, of the target or of the junction.
template <typename Visit>
void visit_step(const Related& step, const Visit& visit) {
    visit(*step.near);
    if (step.far != nullptr) visit(*step.far);
}

template <typename Visit>
void visit_operand(const std::vector<Related>& hops, const Field& field, const Visit& visit) {
    for (const Related& hop : hops) visit_step(hop, visit);
    visit(field);
}

// The entity's own field that the way begins at: what else stands for the record is its key.
void add_own(const std::vector<Related>& hops, const Field& field,
             std::vector<std::string>& names) {
    if (hops.empty()) return add_once(names, field.name);
    const Related& first = hops.front();
    add_once(names, first.is_lookup ? first.near->name : first.near->reference->column);
}

void add_own_fields(const Condition& condition, std::vector<std::string>& names) {
    if (condition.kind == Condition::Kind::related) {
        const Related& way = *condition.relation;
        return add_once(names, way.is_lookup ? way.near->name : way.near->reference->column);
    }
    if (condition.kind == Condition::Kind::comparison) {
        add_own(condition.hops, *condition.field, names);
        if (condition.other) add_own(condition.other->hops, *condition.other->field, names);
    }
    for (const Condition& child : condition.children) add_own_fields(child, names);
}

void add_entities(const std::vector<Related>& steps, std::vector<Uuid>& ids) {
    for (const Related& step : steps) {
        if (step.junction) add_once(ids, step.junction->id);
        add_once(ids, step.target->id);
    }
}

}  // namespace

std::vector<std::string> fields_of(const Condition& condition) {
    std::vector<std::string> names;
    add_own_fields(condition, names);
    return names;
}

std::vector<Uuid> field_ids_of(const Condition& condition) {
    std::vector<Uuid> ids;
    const auto add = [&](const Field& field) { add_once(ids, field.id); };
    visit_parts(condition, [&](const Condition& part) {
        if (part.relation) visit_step(*part.relation, add);
        if (part.field != nullptr) visit_operand(part.hops, *part.field, add);
        if (part.other) visit_operand(part.other->hops, *part.other->field, add);
    });
    return ids;
}

std::vector<Uuid> entities_of(const Condition& condition) {
    std::vector<Uuid> ids;
    visit_parts(condition, [&](const Condition& part) {
        if (part.relation) add_entities({*part.relation}, ids);
        add_entities(part.hops, ids);
        if (part.other) add_entities(part.other->hops, ids);
    });
    return ids;
}

bool depends_on_context(const Condition& condition) {
    return condition.placeholder != nullptr || condition.op == Operator::within ||
           std::ranges::any_of(condition.children, depends_on_context);
}

// Renaming ---------------------------------------------------------------------------------------

namespace {

// What each name in a document becomes. The documents are read as Parser in condition.cpp reads them.
class Renamer {
  public:
    virtual ~Renamer() = default;
    Renamer() = default;
    Renamer(const Renamer&) = delete;
    Renamer& operator=(const Renamer&) = delete;

    [[nodiscard]] Json tree(const Json& json) const {
        if (json.is_array()) return list(json);
        const Json* const conditions = json.find("conditions");
        const bool leaf = json.find("operator") != nullptr;
        if (conditions == nullptr) return leaf ? comparison(json) : pairs(json);
        Json changed = json;
        if (const Json* const name = field_of(json)) {
            changed.set("conditions", related(name->text(), *conditions));
            set_field(changed, step(name->text()));
        } else {
            changed.set("conditions", list(*conditions));
        }
        return changed;
    }

  private:
    // A field's name, with what may stand before and behind it.
    [[nodiscard]] virtual std::string field(std::string_view text) const = 0;
    // The name of related records, and a condition about them.
    [[nodiscard]] virtual std::string step(std::string_view text) const = 0;
    [[nodiscard]] virtual Json related(std::string_view text, const Json& conditions) const = 0;

    [[nodiscard]] Json list(const Json& conditions) const {
        Json changed = Json::array();
        for (const Json& child : conditions.items()) changed.items().push_back(tree(child));
        return changed;
    }

    [[nodiscard]] Json comparison(const Json& json) const {
        Json changed = json;
        if (const Json* const name = field_of(json)) set_field(changed, field(name->text()));
        return with_other(std::move(changed));
    }

    [[nodiscard]] Json with_other(Json comparison) const {
        if (const Json* const other = comparison.find("value_field"))
            comparison.set("value_field", Json::string(field(other->text())));
        return comparison;
    }

    [[nodiscard]] Json pairs(const Json& json) const {
        Json changed = json;
        for (auto& [name, value] : changed.members()) {
            name = field(name);
            if (value.is_object() && value.find("operator") != nullptr)
                value = with_other(std::move(value));
        }
        return changed;
    }

    static const Json* field_of(const Json& json) {
        const Json* const name = json.find("field");
        return name != nullptr ? name : json.find("attribute");
    }

    static void set_field(Json& json, std::string name) {
        json.set(json.find("field") != nullptr ? "field" : "attribute",
                 Json::string(std::move(name)));
    }
};

class RenamerByName : public Renamer {
  public:
    explicit RenamerByName(const std::map<std::string, std::string>& names) : names_(names) {}

  private:
    // In "settings.theme" the field is settings, unless one is called that.
    [[nodiscard]] std::string field(std::string_view text) const override {
        const std::string whole(text);
        if (const auto found = names_.find(whole); found != names_.end()) return found->second;
        const std::size_t dot = whole.find('.');
        const auto found = names_.find(whole.substr(0, dot));
        if (dot == std::string::npos || found == names_.end()) return whole;
        return found->second + whole.substr(dot);
    }
    [[nodiscard]] std::string step(std::string_view text) const override {
        return std::string(text);
    }
    [[nodiscard]] Json related(std::string_view /*text*/, const Json& conditions) const override {
        return conditions;
    }

    const std::map<std::string, std::string>& names_;
};

class RenamerById : public Renamer {
  public:
    RenamerById(const Entity& entity, const ConditionContext& context,
                const std::map<Uuid, std::string>& names)
        : entity_(entity), context_(context), names_(names) {}

  private:
    [[nodiscard]] std::string field(std::string_view text) const override {
        const auto path = find_field(entity_, text, context_, true);
        if (!path) return std::string(text);
        std::string changed;
        for (std::size_t i = 0; i < path->steps.size(); ++i)
            changed += renamed_step(path->steps[i], path->names[i]) + ".";
        changed += renamed(*path->field, path->names.back());
        for (const std::string& key : path->document) changed += "." + key;
        return changed;
    }

    [[nodiscard]] std::string step(std::string_view text) const override {
        std::string changed;
        walk(text, [&](const Related& related, std::string_view name) {
            changed += (changed.empty() ? "" : ".") + renamed_step(related, name);
        });
        return changed.empty() ? std::string(text) : changed;
    }

    [[nodiscard]] Json related(std::string_view text, const Json& conditions) const override {
        std::shared_ptr<const Entity> target;
        walk(text, [&](const Related& step, std::string_view) { target = step.target; });
        return target ? RenamerById(*target, context_, names_).tree(conditions) : conditions;
    }

    template <typename Visit>
    void walk(std::string_view text, const Visit& visit) const {
        if (!context_.find_related) return;
        std::shared_ptr<const Entity> held;
        const Entity* at = &entity_;
        for (std::size_t dot = 0; dot != std::string_view::npos;) {
            dot = text.find('.');
            const std::string_view name = text.substr(0, dot);
            const std::optional<Related> related = context_.find_related(*at, name);
            if (!related) return;
            visit(*related, name);
            held = related->target;
            at = held.get();
            text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
        }
    }

    // Company stays short for company_id: what it was called by says which of the two.
    [[nodiscard]] std::string renamed_step(const Related& step, std::string_view name) const {
        if (!step.is_lookup) return std::string(name);
        return renamed(*step.near, name);
    }

    [[nodiscard]] std::string renamed(const Field& field, std::string_view name) const {
        const auto found = names_.find(field.id);
        return found == names_.end() ? std::string(name) : found->second;
    }

    const Entity& entity_;
    const ConditionContext& context_;
    const std::map<Uuid, std::string>& names_;
};

}  // namespace

Json rename_fields(const Json& condition, const std::map<std::string, std::string>& names) {
    return RenamerByName(names).tree(condition);
}

Json rename_fields(const Json& condition, const Entity& entity, const ConditionContext& context,
                   const std::map<Uuid, std::string>& names) {
    return RenamerById(entity, context, names).tree(condition);
}

}  // namespace pgwright::core
