// Taking nested records apart; see nested_write.hpp.
#include "core/nested_write.hpp"

#include <algorithm>

namespace pgwright::core {

namespace {

bool holds_record(const Field& field, const Json& value) noexcept {
    return field.reference && value.is_object();
}

class Taking {
  public:
    Taking(const FindRelated& find, Faults& faults) : find_(find), faults_(faults) {}

    void take(NestedSet& set, int level) {
        for (std::size_t i = 0; i < set.items.size(); ++i) {
            if (set.items[i].data.is_object()) take_members(set, i, level);
        }
        for (const auto& branch : set.branches) take(branch->set, level + 1);
    }

  private:
    void take_members(NestedSet& set, std::size_t at, int level) {
        Json::Object members = std::move(set.items[at].data.members());
        set.items[at].data = Json::object();
        for (auto& [name, value] : members) {
            const auto related = way(*set.entity, name, value);
            if (related)
                add(set, at, name, *related, std::move(value), level);
            else
                own(set, at, name, std::move(value));
        }
    }

    [[nodiscard]] std::optional<Related> way(const Entity& entity, const std::string& name,
                                             const Json& value) const {
        const Field* const field = entity.find(name);
        if (field != nullptr && !holds_record(*field, value)) return std::nullopt;
        return find_(entity, name);
    }

    // A lookup is given by its value or by its record.
    void own(NestedSet& set, std::size_t at, const std::string& name, Json value) {
        Json& data = set.items[at].data;
        if (data.find(name) != nullptr)
            return fault(set.items[at], path_of(set.items[at], name), "is given more than once");
        data.members().emplace_back(name, std::move(value));
    }

    void add(NestedSet& set, std::size_t at, const std::string& name, const Related& related,
             Json value, int level) {
        const NestedItem& item = set.items[at];
        const std::string path = path_of(item, name);
        if (level >= kMaxNesting)
            return fault(item, path,
                         "is nested deeper than " + std::to_string(kMaxNesting) + " levels");
        if (auto reason = obstacle(related); !reason.empty()) return fault(item, path, reason);
        if (related.is_lookup && value.is_null())
            return own(set, at, related.near->name, std::move(value));
        if (related.many != value.is_array())
            return fault(item, path, related.many ? "must be an array" : "must be an object");
        NestedSet& target = branch_of(set, name, related);
        if (!related.many) return add_item(target, item, at, path, std::move(value), related);
        for (std::size_t i = 0; i < value.items().size(); ++i)
            add_item(target, item, at, path + "[" + std::to_string(i) + "]",
                     std::move(value.items()[i]), related);
    }

    // The reference is set from the record's id.
    static std::string obstacle(const Related& related) {
        const auto fits = [](const Field* lookup, const Entity& target) {
            return target.key.size() == 1 && lookup->reference &&
                   lookup->reference->column == target.key.front();
        };
        if (related.junction)
            return fits(related.far, *related.target) ? "" : "cannot be written through here";
        if (related.near->readonly || related.near->is_calculated())
            return "cannot be written through here: " + related.near->name + " is read-only";
        if (related.is_lookup && !fits(related.near, *related.target))
            return "cannot be written through here";
        return {};
    }

    static NestedSet& branch_of(NestedSet& set, const std::string& name, const Related& related) {
        for (const auto& branch : set.branches)
            if (branch->name == name) return branch->set;
        set.branches.push_back(std::make_unique<NestedBranch>());
        NestedBranch& branch = *set.branches.back();
        branch.name = name;
        branch.related = related;
        branch.set.entity = related.target;
        return branch.set;
    }

    void add_item(NestedSet& target, const NestedItem& parent, std::size_t at,
                  const std::string& path, Json value, const Related& related) {
        NestedItem item;
        item.path = path;
        item.index = parent.index;
        item.parent = at;
        if (++count_ > kMaxNestedRecords) {
            if (count_ == kMaxNestedRecords + 1)
                fault(
                    parent, path,
                    "is one of more than " + std::to_string(kMaxNestedRecords) + " nested records");
            return;
        }
        if (!value.is_object()) return fault(parent, path, "must be an object");
        item.data = std::move(value);
        if (!take_id(item) || !take_delete(item, related)) return;
        if (!related.is_lookup && !related.junction &&
            item.data.find(related.near->name) != nullptr)
            return fault(item, path + "." + related.near->name,
                         "is given by the record that this one stands in");
        target.items.push_back(std::move(item));
    }

    static std::optional<Json> take_member(Json& data, std::string_view name) {
        auto& members = data.members();
        const auto found = std::ranges::find(members, name, &Json::Member::first);
        if (found == members.end()) return std::nullopt;
        Json value = std::move(found->second);
        members.erase(found);
        return value;
    }

    bool take_id(NestedItem& item) {
        const auto id = take_member(item.data, "id");
        if (!id || id->is_null()) return true;
        if (!id->is_string() && !id->is_number()) {
            fault(item, item.path + ".id", "must be text");
            return false;
        }
        item.id = id->text();
        item.is_new = false;
        return true;
    }

    bool take_delete(NestedItem& item, const Related& related) {
        const auto given = take_member(item.data, kDeleteMember);
        if (!given) return true;
        const std::string path = item.path + "." + std::string(kDeleteMember);
        const std::size_t before = faults_.list().size();
        if (!given->is_boolean()) fault(item, path, "must be true or false");
        item.is_removed = given->is_boolean() && given->as_boolean();
        if (item.is_removed && !item.id) fault(item, item.path + ".id", "is required");
        if (item.is_removed && (related.is_lookup || related.junction))
            fault(item, path, "deletes only records that refer to this one");
        if (item.is_removed && !item.data.members().empty())
            fault(item, path, "leaves nothing else to change");
        return faults_.list().size() == before;
    }

    static std::string path_of(const NestedItem& item, const std::string& name) {
        return item.path.empty() ? name : item.path + "." + name;
    }

    void fault(const NestedItem& item, std::string_view path, std::string message) {
        faults_.add(path, std::move(message), item.index);
    }

    const FindRelated& find_;
    Faults& faults_;
    std::size_t count_ = 0;
};

}  // namespace

bool may_be_nested(const Entity& entity, const Json& record) noexcept {
    return std::ranges::any_of(record.members(), [&](const Json::Member& member) {
        const Field* const field = entity.find(member.first);
        return field == nullptr || holds_record(*field, member.second);
    });
}

void take_nested(NestedSet& root, const FindRelated& find, Faults& faults) {
    Taking(find, faults).take(root, 0);
}

}  // namespace pgwright::core
