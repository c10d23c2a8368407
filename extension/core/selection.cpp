// Parses fields and expansions; see selection.hpp.
#include "core/selection.hpp"

#include <algorithm>
#include <string>

#include "core/collect_faults.hpp"
#include "core/error.hpp"
#include "core/text_list.hpp"

namespace pgwright::core {

namespace {

// Where a selection is parsed: of what, how deep, and how faults name it.
struct Place {
    const Entity& entity;
    Selection& selection;
    std::size_t depth;
};

class SelectionParser {
  public:
    explicit SelectionParser(const SelectionContext& context) : context_(context) {}

    void read_fields(const Json& json, const std::string& path, const Place& place) {
        each_name(json, path, [&](std::string_view name) { add_field(name, name, path, place); });
    }

    void read_expand(const Json& json, const std::string& path, const Place& place) {
        if (!json.is_object())
            return each_name(json, path,
                             [&](std::string_view name) { add_path(name, name, path, place); });
        for (const auto& [name, options] : json.members())
            read_options(name, options, within(path, name), place);
    }

    Faults& faults() noexcept { return faults_; }

  private:
    static std::string within(std::string_view path, std::string_view name) {
        return std::string(path).append(".").append(name);
    }

    // "a,b", or an array of texts.
    template <typename Use>
    void each_name(const Json& json, const std::string& path, const Use& use) {
        if (json.is_null()) return;
        if (json.is_string()) return each_of_text(json.text(), path, use);
        if (!json.is_array()) return fault(path, "must be names, separated by commas, or an array");
        for (const Json& item : json.items()) {
            if (!item.is_string()) return fault(path, "must hold names");
            each_of_text(item.text(), path, use);
        }
    }

    template <typename Use>
    void each_of_text(std::string_view text, const std::string& path, const Use& use) {
        bool more = !trim(text).empty();
        while (more && faults_.list().size() < kMaxFaults) {
            const std::size_t comma = text.find(',');
            const std::string_view name = trim(text.substr(0, comma));
            if (name.empty())
                fault(path, "must be names, separated by commas");
            else
                use(name);
            more = comma != std::string_view::npos;
            if (more) text.remove_prefix(comma + 1);
        }
    }

    // `whole` is the name as it was given.
    void add_field(std::string_view name, std::string_view whole, const std::string& path,
                   const Place& place) {
        std::vector<const Field*>& fields = place.selection.fields;
        place.selection.all = false;
        if (const Field* const field = place.entity.find(name)) {
            if (std::ranges::find(fields, field) == fields.end()) fields.push_back(field);
            return;
        }
        const std::size_t dot = name.find('.');
        Expansion* const into =
            dot == std::string_view::npos ? nullptr : expand(name.substr(0, dot), place);
        if (into == nullptr) return fault(path, "unknown field \"" + std::string(whole) + "\"");
        add_field(name.substr(dot + 1), whole, path,
                  {*into->related.target, into->selection, place.depth + 1});
    }

    void add_path(std::string_view name, std::string_view whole, const std::string& path,
                  const Place& place) {
        const std::size_t dot = name.find('.');
        Expansion* const into = expand(name.substr(0, dot), place);
        if (into == nullptr) return refuse_relation(whole, path, place);
        if (dot != std::string_view::npos)
            add_path(name.substr(dot + 1), whole, path,
                     {*into->related.target, into->selection, place.depth + 1});
    }

    void refuse_relation(std::string_view name, const std::string& path, const Place& place) {
        if (place.depth >= kMaxExpandDepth)
            return fault(path,
                         "is nested deeper than " + std::to_string(kMaxExpandDepth) + " relations");
        if (expansions_ > kMaxExpansions)
            return fault(path,
                         "must have at most " + std::to_string(kMaxExpansions) + " relations");
        fault(path, "unknown relation \"" + std::string(name) + "\"");
    }

    // The expansion of that name, made when it is not there; nullptr: there can be none.
    Expansion* expand(std::string_view name, const Place& place) {
        if (place.depth >= kMaxExpandDepth || !context_.find_related) return nullptr;
        std::optional<Related> related = context_.find_related(place.entity, name);
        if (!related) return nullptr;
        std::string shown = shown_name(place.entity, *related, name);
        std::vector<Expansion>& all = place.selection.expansions;
        const auto found = std::ranges::find(all, shown, &Expansion::name);
        if (found != all.end()) return &*found;
        if (++expansions_ > kMaxExpansions) return nullptr;
        Expansion& made = all.emplace_back();
        made.name = std::move(shown);
        made.related = *std::move(related);
        return &made;
    }

    // company for company_id, unless another field has that name.
    static std::string shown_name(const Entity& entity, const Related& related,
                                  std::string_view name) {
        if (!related.is_lookup) return std::string(name);
        const std::string_view shorter = lookup_name(*related.near);
        return entity.find(shorter) == nullptr ? std::string(shorter) : related.near->name;
    }

    void read_options(std::string_view name, const Json& options, const std::string& path,
                      const Place& place) {
        Expansion* const into = expand(name, place);
        if (into == nullptr) return refuse_relation(name, path, place);
        if (options.is_boolean() && options.as_boolean()) return;
        if (!options.is_object()) return fault(path, "must be true or an object of options");
        const Place inside{*into->related.target, into->selection, place.depth + 1};
        for (const auto& [option, value] : options.members())
            read_option(option, value, within(path, option), *into, inside);
    }

    void read_option(std::string_view option, const Json& value, const std::string& path,
                     Expansion& into, const Place& inside) {
        if (option == "fields") return read_fields(value, path, inside);
        if (option == "expand") return read_expand(value, path, inside);
        if (option != "filters" && option != "sort" && option != "limit")
            return fault(
                path, "is no option of an expansion; fields, filters, sort, limit and expand are");
        if (!into.related.many && option != "filters")
            return fault(path, "does not apply to one record");
        if (option == "filters")
            return collect(faults_, [&] {
                into.filter = parse_condition(value, inside.entity, path, context_.conditions);
            });
        if (option == "sort")
            return collect(faults_, [&] {
                into.sort = parse_sort(value, inside.entity, context_.find_related, path);
            });
        read_limit(value, path, into);
    }

    void read_limit(const Json& value, const std::string& path, Expansion& into) {
        const std::string& digits = value.text();
        const bool good = value.is_number() && !digits.empty() && digits.size() <= 4 &&
                          std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
        into.limit = good ? std::stol(digits) : 0;
        if (into.limit < 1 || into.limit > kMaxExpandedRecords)
            fault(path, "must be from 1 to " + std::to_string(kMaxExpandedRecords));
    }

    void fault(const std::string& path, std::string message) {
        if (faults_.list().size() < kMaxFaults) faults_.add(path, std::move(message));
    }

    static constexpr std::size_t kMaxFaults = 100;

    const SelectionContext& context_;
    Faults faults_;
    std::size_t expansions_ = 0;
};

}  // namespace

Selection parse_selection(const Json& fields, const Json& expand, const SelectionContext& context) {
    Selection selection;
    SelectionParser parser(context);
    const Place place{context.entity, selection, 0};
    parser.read_expand(expand, "expand", place);
    parser.read_fields(fields, "fields", place);
    parser.faults().raise("invalid selection");
    return selection;
}

}  // namespace pgwright::core
