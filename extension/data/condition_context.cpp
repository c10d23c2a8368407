// See condition_context.hpp.
#include "pg/server.hpp"

#include "data/condition_context.hpp"

#include "data/related.hpp"

namespace pgwright::data {

core::ConditionContext condition_context(const security::IdentityPointer& identity) {
    core::ConditionContext context;
    context.placeholders = true;
    context.find_related = related_finder(identity);
    context.known_values = true;
    return context;
}

}  // namespace pgwright::data
