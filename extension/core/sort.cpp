// Parses what to order by, of texts and of JSON; see parse_sort() in query.hpp.
#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/query.hpp"
#include "core/text_list.hpp"

namespace pgwright::core {

namespace {

constexpr std::string_view kForm =
    "must be names of fields, each with an optional :asc or :desc, separated by commas";

std::string lower(std::string_view text) {
    std::string folded(text);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return folded;
}

// What one key says, before it is looked up.
struct Part {
    std::string_view name;
    std::string_view order, nulls;  // as given; empty: not said
    bool minus = false;
};

// The text before the separator, which goes with it.
std::string_view take(std::string_view& text, char separator) noexcept {
    const std::size_t end = text.find(separator);
    const std::string_view taken = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return taken;
}

// "name", "-name", "name:asc" or "name:desc:nulls_first"
Part split(std::string_view text) noexcept {
    Part part;
    const bool plain = text.find(':') == std::string_view::npos;
    part.minus = plain && text.starts_with('-');
    if (part.minus) text.remove_prefix(1);
    part.name = take(text, ':');
    part.order = plain ? "asc" : take(text, ':');
    part.nulls = trim(text);
    return part;
}

class SortParser {
  public:
    SortParser(const Entity& entity, const FindRelated& find_related)
        : entity_(entity), find_related_(find_related) {}

    void add(const Part& part, const std::string& at) {
        if (part.name.empty()) return fault(at, std::string(kForm));
        const std::string name = "\"" + std::string(part.name) + "\"";
        std::optional<FieldWay> way = find_field_way(entity_, part.name, find_related_);
        if (!way) return fault(at, "unknown field " + name);
        SortKey key{way->field, false, std::move(way->path)};
        if (!read_order(part, key))
            return fault(at, "the order of " + name + " must be asc or desc");
        if (!read_nulls(part, key))
            return fault(at, "nulls of " + name + " must be nulls_first or nulls_last");
        if (!is_sortable(*key.field)) return fault(at, name + " cannot be sorted by");
        if (is_repeated(key)) return fault(at, name + " is repeated");
        if (keys_.size() == kMaxSortKeys)
            return fault(at, "must have at most " + std::to_string(kMaxSortKeys) + " fields");
        keys_.push_back(std::move(key));
    }

    void add_texts(std::string_view text, const std::string& at) {
        bool more = !trim(text).empty();
        while (more && faults_.list().size() < kMaxSortKeys) {
            more = text.find(',') != std::string_view::npos;
            add(split(take(text, ',')), at);
        }
    }

    void add_item(const Json& item, const std::string& at) {
        if (item.is_string()) return add(split(trim(item.text())), at);
        if (!item.is_object()) return fault(at, "must be a text or an object");
        Part part;
        part.order = "asc";
        for (const auto& [member, value] : item.members()) {
            std::string_view* const target = target_of(part, member);
            if (target == nullptr || !value.is_string()) {
                fault(std::string(at).append(".").append(member),
                      target == nullptr ? "is not a member of a sort key" : "must be a text");
                return;
            }
            *target = value.text();
        }
        add(part, at);
    }

    void fault(const std::string& at, std::string message) { faults_.add(at, std::move(message)); }
    [[nodiscard]] bool is_full() const { return faults_.list().size() >= kMaxSortKeys; }

    std::vector<SortKey> finish() {
        faults_.raise("invalid sort");
        return std::move(keys_);
    }

  private:
    static std::string_view* target_of(Part& part, std::string_view member) {
        if (member == "field" || member == "attribute") return &part.name;
        if (member == "direction" || member == "order") return &part.order;
        return member == "nulls" ? &part.nulls : nullptr;
    }

    static bool read_order(const Part& part, SortKey& key) {
        const std::string order = lower(part.order);
        key.descending = part.minus || order == "desc";
        return order == "asc" || order == "desc";
    }

    static bool read_nulls(const Part& part, SortKey& key) {
        const std::string nulls = lower(part.nulls);
        key.nulls_first = nulls == "first" || nulls == "nulls_first";
        return nulls.empty() || key.nulls_first || nulls == "last" || nulls == "nulls_last";
    }

    [[nodiscard]] bool is_repeated(const SortKey& key) const {
        return std::ranges::any_of(keys_, [&](const SortKey& other) {
            return other.field->id == key.field->id && other.field->name == key.field->name &&
                   std::ranges::equal(other.path, key.path, {}, &Related::near, &Related::near);
        });
    }

    const Entity& entity_;
    const FindRelated& find_related_;
    std::vector<SortKey> keys_;
    Faults faults_;
};

}  // namespace

std::vector<SortKey> parse_sort(std::string_view text, const Entity& entity,
                                const FindRelated& find_related, std::string_view path) {
    SortParser parser(entity, find_related);
    parser.add_texts(text, std::string(path));
    return parser.finish();
}

std::vector<SortKey> parse_sort(const Json& json, const Entity& entity,
                                const FindRelated& find_related, std::string_view path) {
    if (json.is_string()) return parse_sort(json.text(), entity, find_related, path);
    SortParser parser(entity, find_related);
    if (!json.is_array() && !json.is_null())
        parser.fault(std::string(path), "must be a text or an array");
    std::size_t position = 0;
    for (const Json& item : json.items()) {
        if (parser.is_full()) break;
        parser.add_item(item, std::string(path) + "[" + std::to_string(position++) + "]");
    }
    return parser.finish();
}

}  // namespace pgwright::core
