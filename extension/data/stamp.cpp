// The record trigger: who wrote a row and when, whoever writes. Attached BEFORE INSERT OR UPDATE to
// every managed table; columns that a table lacks are passed over. Its arguments name the columns it
// looks at, as core/record_trigger.hpp says: references to users and files, because a foreign key sees
// those of every tenant, and rich text, which is sanitised.
#include "pg/guard.hpp"

#include "core/error.hpp"
#include "core/rich_text.hpp"
#include "data/file.hpp"
#include "security/identity.hpp"
#include "security/membership.hpp"

namespace {

namespace pg = pgwright::pg;

class Stamp {
  public:
    explicit Stamp(const pg::Trigger& trigger)
        : trigger_(trigger), identity_(pgwright::security::current_identity()) {}

    [[nodiscard]] bool has_author() const noexcept { return identity_ != nullptr; }

    void created() {
        set_time("created_at");
        set_user("created_by");
    }
    void updated() {
        set_time("updated_at");
        set_user("updated_by");
    }
    // A soft delete is stamped once, when it happens; a record that lives has no such stamp.
    void deleted() {
        const AttrNumber attribute = trigger_.attribute("deleted_at");
        if (attribute == InvalidAttrNumber || !has_author()) return;
        if (trigger_.new_value(attribute).is_null) return clear("deleted_by");
        if (trigger_.updating() && !trigger_.old_value(attribute).is_null) {
            keep("deleted_at");
            keep("deleted_by");
        } else {
            set_time("deleted_at");
            set_user("deleted_by");
        }
    }
    // The columns that the trigger was told to look at. Who writes without an identity maintains, and
    // may refer to anyone; sanitised is what everybody writes.
    void look() {
        for (int i = 0; i < trigger_.argument_count(); ++i) {
            const std::string_view argument = trigger_.argument(i);
            const std::size_t colon = std::min(argument.find(':'), argument.size() - 1);
            const std::string name(argument.substr(colon + 1));
            if (argument.starts_with("rich_text:")) {
                sanitize(name);
            } else if (has_author() && argument.starts_with("users:")) {
                check_user(name);
            } else if (has_author() && argument.starts_with("files:")) {
                check_file(name);
            }
        }
    }
    // What identifies a record and says where it came from does not change.
    void keep(const char* name) {
        const AttrNumber attribute = trigger_.attribute(name);
        if (attribute == InvalidAttrNumber) return;
        const pg::Value old = trigger_.old_value(attribute);
        add({attribute, old.datum, old.is_null});
    }
    [[nodiscard]] Datum row() const {
        return changes_.empty() ? trigger_.proceed() : trigger_.replace(changes_);
    }

  private:
    void add(pg::ColumnChange change) { changes_.push_back(change); }

    void sanitize(const std::string& name) {
        const AttrNumber attribute = trigger_.attribute(name.c_str());
        if (attribute == InvalidAttrNumber || !is_new(attribute)) return;
        const std::string_view given = pg::varlena_view(trigger_.new_value(attribute).datum);
        try {
            const std::string text = pgwright::core::sanitize_rich_text(given);
            if (text != given) add({attribute, pg::text_datum(text)});
        } catch (const pgwright::core::Failure& failure) {
            throw pgwright::core::Failure(failure.code(), "the record is not valid",
                                          {{name, failure.message()}});
        }
    }

    // A value, and not the one that was there.
    [[nodiscard]] bool is_new(AttrNumber attribute) const {
        const pg::Value given = trigger_.new_value(attribute);
        if (given.is_null) return false;
        const pg::Value old = trigger_.old_value(attribute);
        const FormData_pg_attribute* column = TupleDescAttr(trigger_.descriptor(), attribute - 1);
        return old.is_null ||
               !datumIsEqual(given.datum, old.datum, column->attbyval, column->attlen);
    }

    void check_file(const std::string& name) const {
        const AttrNumber attribute = trigger_.attribute(name.c_str());
        if (attribute == InvalidAttrNumber || !is_new(attribute)) return;
        const auto file = pg::uuid_from_datum(trigger_.new_value(attribute).datum);
        if (!pgwright::data::is_live_file(file, identity_->tenant_id())) refuse_reference(name);
    }

    void check_user(const std::string& name) const {
        const AttrNumber attribute = trigger_.attribute(name.c_str());
        if (attribute == InvalidAttrNumber) return;
        const pg::Value given = trigger_.new_value(attribute);
        if (given.is_null || pg::uuid_from_datum(given.datum) == identity_->user_id()) return;
        if (pgwright::security::is_tenant_member(pg::uuid_from_datum(given.datum),
                                                 identity_->tenant_id()))
            return;
        refuse_reference(name);
    }

    [[noreturn]] static void refuse_reference(const std::string& name) {
        throw pgwright::core::Failure(pgwright::core::Code::conflict,
                                      "a record that is referred to does not exist",
                                      {{name, "refers to a record that does not exist"}});
    }

    void clear(const char* name) {
        const AttrNumber attribute = trigger_.attribute(name);
        if (attribute != InvalidAttrNumber) add({attribute, Datum{0}, true});
    }

    void set_time(const char* name) {
        const AttrNumber attribute = trigger_.attribute(name);
        if (attribute != InvalidAttrNumber)
            add({attribute, pg::timestamptz_datum(GetCurrentTransactionStartTimestamp())});
    }
    void set_user(const char* name) {
        const AttrNumber attribute = trigger_.attribute(name);
        if (attribute != InvalidAttrNumber && has_author())
            add({attribute, pg::uuid_datum(identity_->user_id())});
    }

    const pg::Trigger& trigger_;
    pgwright::security::IdentityPointer identity_;
    std::vector<pg::ColumnChange> changes_;
};

}  // namespace

PGWRIGHT_TRIGGER(pgwright_stamp_record) {
    Stamp stamp(trigger);
    // Only maintenance and a restore get past row security without an identity: a new row of theirs
    // brings its own stamps, and a change of theirs says only when it was made.
    stamp.look();
    if (trigger.inserting() && !stamp.has_author()) return stamp.row();
    if (trigger.inserting()) {
        stamp.created();
    } else {
        stamp.keep("id");
        stamp.keep("created_at");
        stamp.keep("created_by");
    }
    stamp.updated();
    stamp.deleted();
    return stamp.row();
}
