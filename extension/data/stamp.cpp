// The record trigger: who wrote a row and when, whoever writes. Attached BEFORE INSERT OR UPDATE to
// every managed table; columns that a table lacks are passed over. Its arguments name the columns that
// refer to users: the foreign key sees the users of every tenant, so the trigger looks whose they are.
#include "pg/guard.hpp"

#include "core/error.hpp"
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
    // Whoever is referred to belongs to the writer's tenant; nobody else exists for the writer.
    void check_users() const {
        if (!has_author()) return;
        for (int i = 0; i < trigger_.argument_count(); ++i) check_user(trigger_.argument(i));
    }
    // What identifies a record and says where it came from does not change.
    void keep(const char* name) {
        const AttrNumber attribute = trigger_.attribute(name);
        if (attribute == InvalidAttrNumber) return;
        const pg::Value old = trigger_.old_value(attribute);
        add({attribute, old.datum, old.is_null});
    }
    [[nodiscard]] Datum row() const { return trigger_.replace(std::span(changes_.data(), count_)); }

  private:
    void add(pg::ColumnChange change) { changes_[count_++] = change; }

    void check_user(std::string_view name) const {
        const AttrNumber attribute = trigger_.attribute(std::string(name).c_str());
        if (attribute == InvalidAttrNumber) return;
        const pg::Value given = trigger_.new_value(attribute);
        if (given.is_null || pg::uuid_from_datum(given.datum) == identity_->user_id()) return;
        if (pgwright::security::is_tenant_member(pg::uuid_from_datum(given.datum),
                                                 identity_->tenant_id()))
            return;
        throw pgwright::core::Failure(
            pgwright::core::Code::conflict, "a record that is referred to does not exist",
            {{std::string(name), "refers to a record that does not exist"}});
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
    std::array<pg::ColumnChange, 8> changes_{};
    std::size_t count_ = 0;
};

}  // namespace

PGWRIGHT_TRIGGER(pgwright_stamp_record) {
    Stamp stamp(trigger);
    // Only maintenance and a restore get past row security without an identity: a new row of theirs
    // brings its own stamps, and a change of theirs says only when it was made.
    if (trigger.inserting() && !stamp.has_author()) return trigger.proceed();
    if (trigger.inserting()) {
        stamp.created();
    } else {
        stamp.keep("id");
        stamp.keep("created_at");
        stamp.keep("created_by");
    }
    stamp.updated();
    stamp.deleted();
    stamp.check_users();
    return stamp.row();
}
