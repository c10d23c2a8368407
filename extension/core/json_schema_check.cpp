// What a schema may say: each keyword and the values it takes. Also the bound on its patterns, whose
// cost is their states times the text's length; RapidJSON's engine simulates the automaton and never
// backtracks. (std::regex backtracks and recurses once per character, so it must not be used.)
#include <algorithm>
#include <array>

#include <rapidjson/encodings.h>
#include <rapidjson/internal/regex.h>

#include "core/json_schema.hpp"
#include "core/utf8.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

// The states that a pattern becomes, at most: a counted repetition copies what it repeats.
class PatternSize {
  public:
    static std::size_t of(std::string_view pattern) {
        PatternSize size(pattern);
        return size.alternatives(0);
    }

  private:
    explicit PatternSize(std::string_view pattern) : rest_(pattern) {}

    std::size_t alternatives(std::size_t depth) {
        std::size_t total = 0;
        while (!rest_.empty() && rest_.front() != ')') total = add(total, repeated(atom(depth)));
        return total;
    }

    std::size_t atom(std::size_t depth) {
        const char c = take();
        if (c == '\\' && !rest_.empty()) take();
        if (c == '[') skip_class();
        if (c != '(' || depth == kMaxPatternBytes) return 1;
        const std::size_t size = alternatives(depth + 1);
        if (!rest_.empty()) take();
        return add(size, 1);
    }

    std::size_t repeated(std::size_t size) {
        while (!rest_.empty() && rest_.front() == '{') {
            take();
            size *= std::max<std::size_t>(highest_count() + 1, 1);
            size = std::min(size, kBeyond);
        }
        return size;
    }

    std::size_t highest_count() {
        std::size_t highest = 0;
        std::size_t number = 0;
        while (!rest_.empty()) {
            const char c = take();
            if (c == '}') break;
            number = c >= '0' && c <= '9'
                         ? std::min(number * 10 + static_cast<std::size_t>(c - '0'), kBeyond)
                         : 0;
            highest = std::max(highest, number);
        }
        return highest;
    }

    void skip_class() {
        bool escaped = false;
        while (!rest_.empty()) {
            const char c = take();
            if (c == ']' && !escaped) return;
            escaped = c == '\\' && !escaped;
        }
    }

    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    static std::size_t add(std::size_t a, std::size_t b) { return std::min(a + b, kBeyond); }

    static constexpr std::size_t kBeyond = 1'000'000;  // far more than any limit; products stay small
    std::string_view rest_;
};

std::optional<std::string> pattern_fault(const std::string& pattern) {
    if (pattern.size() > kMaxPatternBytes)
        return "must be at most " + std::to_string(kMaxPatternBytes) + " bytes";
    if (PatternSize::of(pattern) > kMaxPatternStates) return "repeats too much";
    using Regex = rapidjson::internal::GenericRegex<rapidjson::UTF8<>>;
    if (!Regex(pattern.c_str()).IsValid())
        return "is not a regular expression of those that are supported";
    return std::nullopt;
}

class Checker {
  public:
    explicit Checker(Faults& faults) : faults_(faults) {}

    void schema(const Json& json, const std::string& path, std::size_t depth) {
        if (!json.is_object()) return faults_.add(path, "must be a JSON schema, which is an object");
        if (depth > kMaxSchemaDepth)
            return faults_.add(path, "is nested deeper than " + std::to_string(kMaxSchemaDepth));
        for (const auto& [name, value] : json.members()) {
            if (faults_.list().size() >= kMaxFaults) return;
            member(name, value, path + "/" + std::string(echo(name)), depth);
        }
    }

  private:
    using Rule = void (Checker::*)(const Json& value, const std::string& path, std::size_t depth);
    struct Keyword {
        std::string_view name;
        Rule rule;
    };
    static const std::array<Keyword, 31> kKeywords;
    static constexpr std::size_t kMaxFaults = 50;

    void member(const std::string& name, const Json& value, const std::string& path,
                std::size_t depth) {
        const auto* const found = std::ranges::find(kKeywords, name, &Keyword::name);
        if (found == kKeywords.end()) {
            faults_.add(path, "is not supported");
        } else {
            (this->*found->rule)(value, path, depth);
        }
    }

    void expect(bool right, const std::string& path, const char* what) {
        if (!right) faults_.add(path, what);
    }

    void annotation(const Json&, const std::string&, std::size_t) {}

    void subschema(const Json& value, const std::string& path, std::size_t depth) {
        schema(value, path, depth + 1);
    }
    void flag_or_schema(const Json& value, const std::string& path, std::size_t depth) {
        if (!value.is_boolean()) subschema(value, path, depth);
    }
    void schemas(const Json& value, const std::string& path, std::size_t depth) {
        if (!value.is_array() || value.items().empty())
            return faults_.add(path, "must be an array of schemas, at least one");
        for (std::size_t i = 0; i < value.items().size(); ++i)
            subschema(value.items()[i], path + "/" + std::to_string(i), depth);
    }
    void items(const Json& value, const std::string& path, std::size_t depth) {
        if (value.is_array()) return schemas(value, path, depth);
        subschema(value, path, depth);
    }
    void properties(const Json& value, const std::string& path, std::size_t depth) {
        if (!value.is_object()) return faults_.add(path, "must be an object of schemas");
        for (const auto& [name, each] : value.members())
            subschema(each, path + "/" + std::string(echo(name)), depth);
    }
    void pattern_properties(const Json& value, const std::string& path, std::size_t depth) {
        properties(value, path, depth);
        for (const auto& [name, each] : value.members()) {
            if (auto fault = pattern_fault(name))
                faults_.add(path + "/" + std::string(echo(name)), *std::move(fault));
        }
    }
    void dependencies(const Json& value, const std::string& path, std::size_t depth) {
        if (!value.is_object()) return faults_.add(path, "must be an object");
        for (const auto& [name, each] : value.members()) {
            const std::string at = path + "/" + std::string(echo(name));
            if (each.is_array()) {
                names(each, at, depth);
            } else {
                subschema(each, at, depth);
            }
        }
    }
    void names(const Json& value, const std::string& path, std::size_t) {
        expect(value.is_array() && std::ranges::all_of(value.items(), &Json::is_string), path,
               "must be an array of names");
    }
    void type(const Json& value, const std::string& path, std::size_t) {
        constexpr std::array<std::string_view, 7> types = {"null",   "boolean", "object", "array",
                                                           "number", "string",  "integer"};
        const auto known = [&](const Json& each) {
            return each.is_string() && std::ranges::find(types, each.text()) != types.end();
        };
        const bool list = value.is_array() && !value.items().empty() &&
                          std::ranges::all_of(value.items(), known);
        expect(list || known(value), path,
               "must be one of null, boolean, object, array, number, string, integer, or an array "
               "of them");
    }
    void values(const Json& value, const std::string& path, std::size_t) {
        expect(value.is_array() && !value.items().empty(), path,
               "must be an array of values, at least one");
    }
    void number(const Json& value, const std::string& path, std::size_t) {
        expect(value.is_number(), path, "must be a number");
    }
    // Of fractions the remainder is not exact.
    void divisor(const Json& value, const std::string& path, std::size_t) {
        constexpr std::int64_t highest = 1'000'000'000'000'000;
        expect(value.is_number() && is_integer_text(value.text(), 1, highest), path,
               "must be an integer of at least 1");
    }
    void count(const Json& value, const std::string& path, std::size_t) {
        constexpr std::int64_t highest = 1'000'000'000;
        expect(value.is_number() && is_integer_text(value.text(), 0, highest), path,
               "must be an integer of at least 0");
    }
    void flag(const Json& value, const std::string& path, std::size_t) {
        expect(value.is_boolean(), path, "must be true or false");
    }
    void pattern(const Json& value, const std::string& path, std::size_t) {
        if (!value.is_string()) return faults_.add(path, "must be a regular expression");
        if (auto fault = pattern_fault(value.text())) faults_.add(path, *std::move(fault));
    }

    Faults& faults_;
};

const std::array<Checker::Keyword, 31> Checker::kKeywords = {{
    {"$schema", &Checker::annotation},
    {"$comment", &Checker::annotation},
    {"title", &Checker::annotation},
    {"description", &Checker::annotation},
    {"default", &Checker::annotation},
    {"examples", &Checker::annotation},
    {"type", &Checker::type},
    {"enum", &Checker::values},
    {"allOf", &Checker::schemas},
    {"anyOf", &Checker::schemas},
    {"oneOf", &Checker::schemas},
    {"not", &Checker::subschema},
    {"properties", &Checker::properties},
    {"patternProperties", &Checker::pattern_properties},
    {"additionalProperties", &Checker::flag_or_schema},
    {"required", &Checker::names},
    {"dependencies", &Checker::dependencies},
    {"minProperties", &Checker::count},
    {"maxProperties", &Checker::count},
    {"items", &Checker::items},
    {"additionalItems", &Checker::flag_or_schema},
    {"minItems", &Checker::count},
    {"maxItems", &Checker::count},
    {"pattern", &Checker::pattern},
    {"minLength", &Checker::count},
    {"maxLength", &Checker::count},
    {"minimum", &Checker::number},
    {"maximum", &Checker::number},
    {"exclusiveMinimum", &Checker::flag},
    {"exclusiveMaximum", &Checker::flag},
    {"multipleOf", &Checker::divisor},
    
}};

}  // namespace

void check_json_schema(const Json& schema, std::string_view path, Faults& faults) {
    if (schema.dump().size() > kMaxSchemaBytes)
        return faults.add(path, "must be at most " + std::to_string(kMaxSchemaBytes) + " bytes");
    Checker(faults).schema(schema, std::string(path), 1);
}

}  // namespace pgwright::core
