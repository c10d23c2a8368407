// The triggers that keep references whole where deleting is soft: to a foreign key a row that is marked
// deleted is as good as any.
//
//   pgwright_check_references_insert, _update   on a table with lookups: what they are set to lives
//   pgwright_delete_referrers                   on a table with soft delete: what refers to a record that
//                                               is deleted keeps it, goes with it or lets go of it, as
//                                               the foreign key says of a real deletion
#pragma once

#include <vector>

#include "core/ddl.hpp"

namespace pgwright::core {

// Operation create_trigger, all of them; each change's down drops its trigger.
std::vector<Change> plan_reference_triggers(const Entity& entity);

}  // namespace pgwright::core
