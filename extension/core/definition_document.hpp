// A whole definition as one document: {"entity":{...},"fields":[{...}],"indexes":[{...}]}, its members
// those of the catalog's rows. Drafts, versions and backups are kept in this form, and a document made
// of the rows themselves, timestamps and all, reads the same.
#pragma once

#include "core/model.hpp"

namespace pgwright::core {

Json definition_document(const EntityDefinition& definition);

// What a definition may not say but a row does (ids, status, schema, ...) is taken from the document. No
// rule is checked: it held when the document was made, or is checked when it is published. A
// reference knows its target's id alone: the rest takes the catalog. Throws Failure(server_error) for
// what is no document.
EntityDefinition parse_document(const Json& document);

// A row's members as somebody would write them in a definition: without those the server computes,
// and with a default that is a document parsed.
Json field_as_written(const Json& row);
Json entity_as_written(const Json& row);
Json index_as_written(const Json& row);

}  // namespace pgwright::core
