// JSON schemas of json fields: draft 4, as far as RapidJSON's validator does exactly what the draft
// says. A keyword that it would ignore, or whose cost nobody can bound, is refused and never passed over:
// $ref, format, uniqueItems, definitions and everything of later drafts. docs/field-types.md has the list.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxSchemaBytes = 32768;   // of a schema's text
inline constexpr std::size_t kMaxSchemaDepth = 32;      // schemas within schemas
inline constexpr std::size_t kMaxPatternBytes = 256;    // of a pattern
inline constexpr std::size_t kMaxPatternStates = 2000;  // of a pattern, its repetitions written out
inline constexpr std::size_t kMaxCheckedBytes =
    1'000'000;  // of a document that a schema is to check

// Adds what is wrong with a schema, each fault at `path` and the place within: "json_schema/properties/a".
void check_json_schema(const Json& schema, std::string_view path, Faults& faults);

class JsonSchema {
  public:
    // The schema must be without faults: Failure(validation_error) tells them.
    static std::shared_ptr<const JsonSchema> compile(const Json& schema);
    ~JsonSchema();
    JsonSchema(const JsonSchema&) = delete;
    JsonSchema& operator=(const JsonSchema&) = delete;

    // What is wrong with the document, whose text is given; nothing when it matches.
    [[nodiscard]] std::optional<std::string> fault_of(std::string_view document) const;

  private:
    struct Compiled;
    explicit JsonSchema(std::unique_ptr<Compiled> compiled);

    std::unique_ptr<Compiled> compiled_;
};

}  // namespace pgwright::core
