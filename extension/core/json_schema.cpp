// Compiles and runs schemas on RapidJSON's validator. It reads the document as a stream, so a check
// holds no second copy of it; each part of the schema looks at each part of the document at most once,
// because without $ref a schema is a tree.
#include "core/json_schema.hpp"

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/schema.h>

#include "core/utf8.hpp"

namespace pgwright::core {

struct JsonSchema::Compiled {
    explicit Compiled(const std::string& text) {
        source.Parse(text.data(), text.size());
        schema = std::make_unique<rapidjson::SchemaDocument>(source);
    }

    rapidjson::Document source;
    std::unique_ptr<rapidjson::SchemaDocument> schema;
};

JsonSchema::JsonSchema(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
JsonSchema::~JsonSchema() = default;

std::shared_ptr<const JsonSchema> JsonSchema::compile(const Json& schema) {
    Faults faults;
    check_json_schema(schema, "json_schema", faults);
    faults.raise("the JSON schema is not valid");
    return std::shared_ptr<const JsonSchema>(
        new JsonSchema(std::make_unique<Compiled>(schema.dump())));
}

namespace {

template <class Pointer>
std::string place(const Pointer& pointer) {
    rapidjson::StringBuffer text;
    pointer.Stringify(text);
    const std::string_view path(text.GetString(), text.GetSize());
    return path.empty() ? "the top" : std::string(echo(path));
}

}  // namespace

std::optional<std::string> JsonSchema::fault_of(std::string_view document) const {
    if (document.size() > kMaxCheckedBytes)
        return "must be a document of at most " + std::to_string(kMaxCheckedBytes) + " bytes";
    rapidjson::MemoryStream stream(document.data(), document.size());
    rapidjson::SchemaValidator validator(*compiled_->schema);
    rapidjson::Reader reader;
    // Iterative: a document's depth must not be the stack's.
    const auto result = reader.Parse<rapidjson::kParseIterativeFlag>(stream, validator);
    if (!result.IsError() && validator.IsValid()) return std::nullopt;
    if (validator.IsValid()) return "must hold no number beyond the range of a double";
    const char* const keyword = validator.GetInvalidSchemaKeyword();
    return "does not match its JSON schema at " + place(validator.GetInvalidDocumentPointer()) +
           (keyword == nullptr ? std::string() : " (" + std::string(keyword) + ")");
}

}  // namespace pgwright::core
