// Writing records together with those they are related to; see core/nested_write.hpp for what requests
// look like. Each set is written by a statement for those that are new, one for those that change and one
// for those that go, whatever the number of records above. Who writes needs for each entity the rights
// that he would need there.
#pragma once

#include "core/nested_write.hpp"
#include "data/bulk_attempt.hpp"
#include "data/records.hpp"

namespace pgwright::data {

class NestedWrite {
  public:
    // Of records of that entity. The entity must outlive the object.
    explicit NestedWrite(const core::Entity& entity);

    // Adds a record; index: its position in a bulk, or -1.
    void add(core::Json data, int index = -1);
    // Takes the nested records out of all of them and checks all that is to be written. Call it once.
    // kind: of the records themselves. Without nested records it checks nothing: has_nested().
    void prepare(core::Writing kind, core::Faults& faults);
    [[nodiscard]] bool has_nested() const noexcept { return !root_.branches.empty(); }
    // What is left of a record: its own data.
    [[nodiscard]] const core::Json& own(std::size_t i) const { return root_.items[i].data; }

    // The steps of a write: what the records refer to, whose keys their data then has; the records, by
    // the caller; what refers to them, once each has its id.
    void write_referred();
    void identify(std::size_t i, std::string id);
    void write_referring();

    [[nodiscard]] const std::string& id(std::size_t i) const { return *root_.items[i].id; }
    // The records with what was written with them, as JSON objects.
    [[nodiscard]] std::vector<std::string> describe();

  private:
    core::NestedSet root_;
};

}  // namespace pgwright::data
