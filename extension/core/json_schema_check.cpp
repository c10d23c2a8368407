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

// Reads a pattern of the dialect that RapidJSON understands, and counts the states it becomes: a counted
// repetition copies what it repeats. RapidJSON itself must not be asked first, because what is not well
// formed meets its assertions. Its anchors hold for the whole pattern, so they stand only where that is
// what they mean: at its ends, with no alternatives outside brackets. And its engine follows every way of
// matching nothing: round and round where what may be empty is repeated, exponentially many where there
// are two such ways. Both are refused.
class PatternReader {
  public:
    explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

    // Nothing when the pattern is malformed.
    std::optional<std::size_t> states() {
        const bool begins = take('^');
        const bool ends = rest_.ends_with('$') && !rest_.ends_with("\\$");
        if (ends) rest_.remove_suffix(1);
        const std::size_t states = alternatives(0).states;
        const bool whole = rest_.empty() && !((begins || ends) && outer_alternatives_);
        return well_formed_ && whole ? std::optional(states) : std::nullopt;
    }

  private:
    static constexpr std::size_t kBeyond =
        1'000'000;  // over every limit, and its product no overflow

    struct Part {
        std::size_t states = 0;
        bool may_be_empty = false;
    };

    Part alternatives(std::size_t depth) {
        Part total = sequence(depth);
        while (take('|')) {
            outer_alternatives_ = outer_alternatives_ || depth == 0;
            const Part other = sequence(depth);
            if (total.may_be_empty && other.may_be_empty) fail();
            total.states = std::min(total.states + other.states + 1, kBeyond);
            total.may_be_empty = total.may_be_empty || other.may_be_empty;
        }
        return total;
    }

    Part sequence(std::size_t depth) {
        Part total{0, true};
        do {
            const Part part = repeated(atom(depth));
            total.states = std::min(total.states + part.states, kBeyond);
            total.may_be_empty = total.may_be_empty && part.may_be_empty;
        } while (well_formed_ && !rest_.empty() && rest_.front() != '|' && rest_.front() != ')');
        return total;
    }

    Part atom(std::size_t depth) {
        if (!take('(')) return {character()};
        Part part;
        if (depth < kMaxSchemaDepth)
            part = alternatives(depth + 1);
        else
            fail();
        if (!take(')')) fail();
        return part;
    }

    std::size_t character() {
        if (take('[')) return character_class();
        if (take('\\')) return escape("^$|()?*+.[]{}\\fnrtv");
        constexpr std::string_view meaningful = "^$|)?*+{";
        if (rest_.empty() || meaningful.find(rest_.front()) != std::string_view::npos)
            return fail();
        rest_.remove_prefix(1);
        return 1;
    }

    std::size_t character_class() {
        take('^');
        std::size_t characters = 0;
        while (well_formed_ && !take(']')) {
            if (take('\\')) {
                escape("^$|()?*+.[]{}\\fnrtvb");
            } else if (rest_.empty()) {
                fail();
            } else {
                rest_.remove_prefix(1);
            }
            ++characters;
        }
        return characters > 0 ? 1 : fail();
    }

    std::size_t escape(std::string_view known) {
        if (rest_.empty() || known.find(rest_.front()) == std::string_view::npos) return fail();
        rest_.remove_prefix(1);
        return 1;
    }

    Part repeated(const Part& part) {
        if (rest_.empty() || std::string_view("*+?{").find(rest_.front()) == std::string_view::npos)
            return part;
        if (part.may_be_empty) fail();
        if (take('+')) return {part.states + 1};
        if (take('*') || take('?')) return {part.states + 1, true};
        return counted(part.states);
    }

    Part counted(std::size_t states) {
        take('{');
        const auto lowest = number();
        std::optional<std::size_t> highest = lowest;
        if (take(',')) highest = rest_.starts_with('}') ? lowest : number();
        if (!lowest || !highest || *highest < *lowest || *highest == 0 || !take('}'))
            return {fail()};
        return {std::min(states * (*highest + 1), kBeyond), *lowest == 0};
    }

    std::optional<std::size_t> number() {
        std::size_t digits = 0;
        std::size_t value = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            value = std::min(value * 10 + static_cast<std::size_t>(rest_.front() - '0'), kBeyond);
            rest_.remove_prefix(1);
            ++digits;
        }
        return digits > 0 ? std::optional(value) : std::nullopt;
    }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::size_t fail() {
        well_formed_ = false;
        return 0;
    }

    std::string_view rest_;
    bool well_formed_ = true;
    bool outer_alternatives_ = false;
};

std::optional<std::string> pattern_fault(const std::string& pattern) {
    if (pattern.size() > kMaxPatternBytes)
        return "must be at most " + std::to_string(kMaxPatternBytes) + " bytes";
    const auto states = PatternReader(pattern).states();
    if (states && *states > kMaxPatternStates) return "repeats too much";
    using Regex = rapidjson::internal::GenericRegex<rapidjson::UTF8<>>;
    if (!states || !Regex(pattern.c_str()).IsValid())
        return "is not a regular expression of those that are supported";
    return std::nullopt;
}

class Checker {
  public:
    explicit Checker(Faults& faults) : faults_(faults) {}

    void schema(const Json& json, const std::string& path, std::size_t depth) {
        if (!json.is_object())
            return faults_.add(path, "must be a JSON schema, which is an object");
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
        const bool list =
            value.is_array() && !value.items().empty() && std::ranges::all_of(value.items(), known);
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
