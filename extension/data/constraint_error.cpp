// What the database refuses, in the words of the data model; see constraint_error.hpp.
#include "data/constraint_error.hpp"

#include "core/ddl.hpp"
#include "core/error.hpp"

namespace pgwright::data {

namespace {

using core::Code;
using core::Failure;

[[noreturn]] void raise_unique(const core::Entity& entity, const pg::Error& error) {
    const auto meaning = core::explain_constraint(entity, error.constraint());
    if (meaning.field == nullptr)
        throw Failure(Code::conflict, "a record with these values exists already");
    throw Failure(Code::conflict, "a record with this " + meaning.field->name + " exists already",
                  {{meaning.field->name, meaning.message}});
}

[[noreturn]] void raise_foreign_key(const core::Entity& entity, const pg::Error& error,
                                    bool removing) {
    // The error names the partition that refused the record, not the table it was written to.
    const bool own =
        entity.partitioned || (error.table() == entity.table && error.schema() == entity.schema);
    if (removing || !own)
        throw Failure(Code::conflict, "the record " + std::string(core::kStillReferredTo) +
                                          ", in " + error.table());
    const auto meaning = core::explain_constraint(entity, error.constraint());
    if (meaning.field == nullptr)
        throw Failure(Code::conflict, "the record refers to a record that does not exist");
    throw Failure(Code::conflict, "a record that is referred to does not exist",
                  {{meaning.field->name, meaning.message}});
}

[[noreturn]] void raise_check(const core::Entity& entity, const pg::Error& error) {
    const auto meaning = core::explain_constraint(entity, error.constraint());
    if (meaning.field == nullptr)
        throw Failure(Code::validation_error, "the record breaks a rule of the entity");
    throw Failure(Code::validation_error, "the record is not valid",
                  {{meaning.field->name, meaning.message}});
}

}  // namespace

void rethrow_for_people(const core::Entity& entity, const pg::Error& error, bool removing) {
    switch (error.sqlstate()) {
        case ERRCODE_UNIQUE_VIOLATION: raise_unique(entity, error);
        case ERRCODE_FOREIGN_KEY_VIOLATION: raise_foreign_key(entity, error, removing);
        case ERRCODE_CHECK_VIOLATION: raise_check(entity, error);
        case ERRCODE_NOT_NULL_VIOLATION:
            if (entity.find(error.column()) == nullptr)
                throw Failure(Code::validation_error,
                              "the record lacks a value that this caller cannot give");
            throw Failure(Code::validation_error, "the record is not valid",
                          {{error.column(), "is required"}});
        case ERRCODE_INSUFFICIENT_PRIVILEGE:
            throw Failure(Code::permission_denied, "permission denied for " + entity.name);
        default: break;
    }
    if (error.in_class("22"))
        throw Failure(Code::validation_error, "a value does not fit its field: " + error.message());
    throw error;
}

}  // namespace pgwright::data
