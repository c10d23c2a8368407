// Reads and compiles aggregates; see aggregate.hpp.
#include "core/aggregate.hpp"

#include <algorithm>
#include <array>

#include "core/collect_faults.hpp"
#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/order_sql.hpp"
#include "core/sql_builder.hpp"
#include "core/text_list.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

constexpr std::uint32_t kFloat8Oid = 701;
constexpr std::uint32_t kTimestampOid = 1114;

constexpr std::array<std::string_view, 7> kBuckets = {"minute", "hour",    "day", "week",
                                                      "month",  "quarter", "year"};

enum class Function : std::uint8_t { count, sum, avg, min, max, percentile, median };
constexpr std::array<std::string_view, 7> kFunctions = {"count", "sum",        "avg",   "min",
                                                        "max",   "percentile", "median"};

bool applies(Function function, ValueClass value_class) noexcept {
    const bool is_number = value_class == ValueClass::integer || value_class == ValueClass::numeric;
    switch (function) {
        case Function::count: return value_class != ValueClass::json;
        case Function::min:
        case Function::max:
            return is_number || value_class == ValueClass::text ||
                   value_class == ValueClass::date || value_class == ValueClass::datetime ||
                   value_class == ValueClass::time;
        default: return is_number;
    }
}

std::string with_underscores(std::string_view name) {
    std::string plain(name);
    std::ranges::replace(plain, '.', '_');
    return plain;
}

bool is_name(std::string_view text) noexcept {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return !text.empty() && text.size() <= 63 && is_letter(text.front()) &&
           std::ranges::all_of(text,
                               [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// One item of group_by or aggregates, while it is read.
class Item {
  public:
    Item(const Json& json, std::string path, Faults& faults)
        : json_(json), path_(std::move(path)), faults_(faults) {}

    void only(std::initializer_list<std::string_view> known) {
        if (!json_.is_object()) return fault("", "must be an object");
        for (const auto& [name, value] : json_.members())
            if (std::ranges::find(known, name) == known.end()) fault(name, "is not known here");
    }
    [[nodiscard]] const Json* find(std::string_view name) const {
        const Json* const found = json_.find(name);
        return found == nullptr || found->is_null() ? nullptr : found;
    }
    std::string text(std::string_view name) {
        const Json* const found = find(name);
        if (found == nullptr) return {};
        if (!found->is_string()) fault(name, "must be a text");
        return found->text();
    }
    void fault(std::string_view member, std::string message) {
        faults_.add(member.empty() ? path_ : path_ + "." + std::string(member), std::move(message));
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    const Json& json_;
    std::string path_;
    Faults& faults_;
};

class AggregateReader {
  public:
    AggregateReader(const Entity& entity, const ListContext& context)
        : entity_(entity), context_(context), sql_(entity) {
        groups_.name = entity.name;
        groups_.soft_delete = false;
        groups_.key.clear();
    }

    AggregateRequest read(const Json& document, const std::optional<Uuid>& author) {
        refuse_others(document);
        each(document, "group_by", kMaxGroupKeys, [this](Item& each) { read_key(each); });
        if (!groups_.fields.empty()) group_clause_ = " GROUP BY " + numbers();
        each(document, "aggregates", kMaxAggregates, [this](Item& each) { read_aggregate(each); });
        if (groups_.fields.empty() && faults_.empty())
            faults_.add("aggregates", "must hold at least one aggregate, or group_by a field");
        std::string where = collect(faults_, [&] { return where_clause(document, author); });
        faults_.raise("the aggregate is not valid");
        return finish(document, where);
    }

  private:
    void refuse_others(const Json& document) {
        static constexpr std::array<std::string_view, 9> kMembers = {
            "group_by", "aggregates", "filters",   "search", "having",
            "sort",     "page",       "page_size", "count"};
        if (!document.is_object())
            throw Failure(Code::validation_error, "the aggregate is not valid",
                          {{"aggregate", "must be an object"}});
        for (const auto& [name, value] : document.members())
            if (std::ranges::find(kMembers, name) == kMembers.end())
                faults_.add(name, "is not a member of an aggregate");
    }

    template <typename Read>
    void each(const Json& document, std::string_view name, std::size_t most, const Read& read) {
        const Json* const list = document.find(name);
        if (list == nullptr || list->is_null()) return;
        if (!list->is_array()) return faults_.add(name, "must be an array");
        if (list->items().size() > most)
            return faults_.add(name, "must have at most " + std::to_string(most) + " items");
        for (std::size_t i = 0; i < list->items().size(); ++i) {
            const Json& json = list->items()[i];
            const std::string path = std::string(name) + "[" + std::to_string(i) + "]";
            Json named = Json::object();
            if (json.is_string()) named.set("field", json);
            Item item(json.is_string() ? named : json, path, faults_);
            read(item);
        }
    }

    std::optional<FieldWay> find(Item& item) {
        const std::string name = item.text("field");
        if (name.empty()) {
            item.fault("field", "is required");
            return std::nullopt;
        }
        auto way = find_field_way(entity_, name, context_.find_related);
        if (!way || !way->field->mask_sql.empty()) {
            item.fault("field", "unknown field \"" + name + "\"");
            return std::nullopt;
        }
        return way;
    }

    // A column of the groups; its name must be free.
    void add(Item& item, Field field, const std::string& fallback, const std::string& expression) {
        const std::string given = item.text("as");
        field.name = given.empty() ? fallback : given;
        if (!is_name(field.name))
            return item.fault("as", "must be a name of lower-case letters, digits and underscores");
        if (groups_.find(field.name) != nullptr)
            return item.fault("as", "\"" + field.name + "\" is there already");
        field.label = field.name;
        select_ +=
            (select_.empty() ? "" : ", ") + expression + " AS " + quote_identifier(field.name);
        groups_.fields.push_back(std::move(field));
    }

    static Field made(FieldType type, std::uint32_t type_oid) {
        Field field;
        field.type = type;
        set_type_oids(field);
        field.type_oid = type_oid;
        return field;
    }
    // A column with a field's values.
    static Field like(const Field& field) {
        Field copy;
        copy.type = field.type;
        copy.type_oid = field.type_oid;
        copy.array_oid = field.array_oid;
        copy.item_type = field.item_type;
        copy.reference = field.reference;
        return copy;
    }

    [[nodiscard]] std::string numbers() const {
        std::string list;
        for (std::size_t i = 1; i <= groups_.fields.size(); ++i)
            list += (list.empty() ? "" : ", ") + std::to_string(i);
        return list;
    }

    void read_key(Item& item) {
        item.only({"field", "bucket", "timezone", "as"});
        const auto way = find(item);
        if (!way) return;
        const Field& field = *way->field;
        const std::string name = with_underscores(item.text("field"));
        const std::string bucket = item.text("bucket");
        const std::string column = joins_.column(way->path, field);
        if (!bucket.empty()) return read_bucket(item, field, column, name, bucket);
        if (item.find("timezone") != nullptr) item.fault("timezone", "goes with a bucket");
        const ValueClass value_class = field.value_class();
        if (value_class == ValueClass::json) return item.fault("field", "cannot be grouped by");
        const bool as_text = value_class == ValueClass::other;
        add(item, as_text ? made(FieldType::text, kTextOid) : like(field), name,
            as_text ? column + "::text" : column);
    }

    void read_bucket(Item& item, const Field& field, const std::string& column,
                     const std::string& name, const std::string& bucket) {
        if (std::ranges::find(kBuckets, bucket) == kBuckets.end())
            return item.fault("bucket",
                              "must be one of: minute, hour, day, week, month, quarter, year");
        const ValueClass value_class = field.value_class();
        const bool is_date = value_class == ValueClass::date;
        if (!is_date && value_class != ValueClass::datetime)
            return item.fault("bucket", "is for fields of dates");
        if (is_date && (bucket == "minute" || bucket == "hour"))
            return item.fault("bucket", "of a date is a day or longer");
        const std::string timezone = item.text("timezone");
        const bool zoned = !is_date && field.type_oid != kTimestampOid;
        if (!timezone.empty() && !zoned)
            return item.fault("timezone", "is for fields of date and time");
        if (!timezone.empty() && context_.is_timezone && !context_.is_timezone(timezone))
            return item.fault("timezone", "is no time zone; use a name such as Europe/Berlin");
        std::string expression = "date_trunc('" + bucket + "', " + column;
        if (is_date) expression += "::timestamp)::date";
        if (zoned)
            expression +=
                ", " + sql_.bind(kTextOid, Json::string(timezone.empty() ? "UTC" : timezone));
        if (!is_date) expression += ")";
        add(item, like(field), name + "_" + bucket, expression);
    }

    void read_aggregate(Item& item) {
        item.only({"function", "field", "distinct", "fraction", "filters", "as"});
        const std::string name = item.text("function");
        const auto* const found = std::ranges::find(kFunctions, name);
        if (found == kFunctions.end())
            return item.fault("function",
                              "must be one of: count, sum, avg, min, max, percentile, median");
        const auto function = static_cast<Function>(found - kFunctions.begin());
        const bool of_records = function == Function::count && item.find("field") == nullptr;
        std::optional<FieldWay> way;
        if (!of_records && !(way = find(item))) return;
        if (way && !applies(function, way->field->value_class()))
            return item.fault("field", name + " does not apply to fields of type " +
                                           std::string(info(way->field->type).name));
        const bool distinct = read_distinct(item, function, of_records);
        std::string fallback = name;
        if (distinct) fallback += "_distinct";
        if (way) fallback += "_" + with_underscores(item.text("field"));
        const std::string column = way ? joins_.column(way->path, *way->field) : "*";
        std::string call = call_of(item, function, distinct ? "DISTINCT " + column : column);
        if (const Json* const filters = item.find("filters")) call += filter_of(item, *filters);
        add(item, result_of(function, way ? way->field : nullptr), fallback,
            finished(function, call));
    }

    bool read_distinct(Item& item, Function function, bool of_records) {
        const Json* const distinct = item.find("distinct");
        if (distinct == nullptr) return false;
        if (!distinct->is_boolean()) item.fault("distinct", "must be true or false");
        const bool good =
            function == Function::count || function == Function::sum || function == Function::avg;
        if (distinct->as_boolean() && (!good || of_records))
            item.fault("distinct", "goes with count, sum and avg of a field");
        return distinct->as_boolean();
    }

    std::string call_of(Item& item, Function function, const std::string& column) {
        if (function != Function::percentile && item.find("fraction") != nullptr)
            item.fault("fraction", "goes with percentile");
        switch (function) {
            case Function::percentile: return percentile(fraction_of(item), column);
            case Function::median: return percentile("0.5", column);
            default: break;
        }
        return std::string(kFunctions[static_cast<std::size_t>(function)]) + "(" + column + ")";
    }

    static std::string percentile(const std::string& fraction, const std::string& column) {
        return "percentile_cont(" + fraction + ") WITHIN GROUP (ORDER BY (" + column + ")::float8)";
    }

    std::string fraction_of(Item& item) {
        const Json* const fraction = item.find("fraction");
        const bool good = fraction != nullptr && fraction->is_number() &&
                          is_decimal_text(fraction->text()) &&
                          compare_decimals(fraction->text(), "0") >= 0 &&
                          compare_decimals(fraction->text(), "1") <= 0;
        if (!good) {
            item.fault("fraction", "must be a number from 0 to 1");
            return "0";
        }
        return sql_.bind(kFloat8Oid, *fraction);
    }

    std::string filter_of(Item& item, const Json& filters) {
        return collect(faults_, [&] {
            filters_.push_back(
                parse_condition(filters, entity_, item.path() + ".filters", context_.conditions));
            return " FILTER (WHERE " + sql_.predicate(filters_.back()) + ")";
        });
    }

    // Sums of integers and of numbers are numbers; so is an average, without zeros at its end.
    static std::string finished(Function function, const std::string& call) {
        if (function == Function::sum) return "(" + call + ")::numeric";
        if (function == Function::avg) return "trim_scale((" + call + ")::numeric)";
        return call;
    }

    static Field result_of(Function function, const Field* field) {
        switch (function) {
            case Function::count: return made(FieldType::biginteger, kBigintOid);
            case Function::sum:
            case Function::avg: return made(FieldType::decimal, kNumericOid);
            case Function::percentile:
            case Function::median: return made(FieldType::decimal, kFloat8Oid);
            default: return like(*field);
        }
    }

    std::string where_clause(const Json& document, const std::optional<Uuid>& author) {
        std::string where = sql_.live();
        const auto append = [&](const std::string& more) {
            where += (where.empty() ? "" : " AND ") + more;
        };
        if (author)
            append("r.\"created_by\" = " + sql_.bind(kUuidOid, Json::string(author->to_string())));
        if (const Json* const filters = document.find("filters");
            filters != nullptr && !filters->is_null()) {
            filters_.push_back(parse_condition(*filters, entity_, "filters", context_.conditions));
            append(sql_.predicate(filters_.back()));
        }
        if (const std::string text = search_text_of(document); !text.empty())
            append(SearchSql(sql_, search_.emplace(read_search(text, entity_))).predicate());
        return where.empty() ? where : " WHERE " + where;
    }

    // Blank: nothing is looked for.
    static std::string search_text_of(const Json& document) {
        const Json* const given = document.find("search");
        if (given == nullptr || given->is_null()) return {};
        if (!given->is_string())
            throw Failure(Code::validation_error, "the aggregate is not valid",
                          {{"search", "must be a text"}});
        return std::string(trim(given->text()));
    }

    // What is asked of the groups is a list request of them.
    AggregateRequest finish(const Json& document, const std::string& where) {
        AggregateRequest request;
        const std::string table =
            "SELECT " + select_ + " FROM " + sql_.source() + joins_.sql() + where + group_clause_;
        Statement statement = sql_.finish(table);
        request.table = {std::move(statement.sql), std::move(statement.parameters)};
        request.groups = std::make_shared<const Entity>(std::move(groups_));
        Json list = Json::object();
        for (const char* const name : {"sort", "page", "page_size", "count"})
            if (const Json* const given = document.find(name)) list.set(name, *given);
        ListArguments arguments = parse_list_document(list);
        if (const Json* const having = document.find("having")) arguments.having = *having;
        ListContext context;
        context.max_page_size = context_.max_page_size;
        request.list = read_list(arguments, *request.groups, context);
        return request;
    }

    const Entity& entity_;
    const ListContext& context_;
    SqlBuilder sql_;
    LookupJoins joins_;
    Entity groups_;
    std::string select_, group_clause_;
    std::vector<Condition> filters_;
    std::optional<Search> search_;
    Faults faults_;
};

}  // namespace

AggregateRequest read_aggregate(const Json& document, const Entity& entity,
                                const ListContext& context, const std::optional<Uuid>& author) {
    return AggregateReader(entity, context).read(document, author);
}

}  // namespace pgwright::core
