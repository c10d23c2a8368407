// A snapshot of this moment as the active one until the end of the scope, as the server reads its own
// catalogs. What a backend caches must be read under one: a statement's snapshot may be older than
// the invalidation message that has already been taken in, and would cache the past for good.
#pragma once

#include "pg/call.hpp"

namespace pgwright::pg {

class FreshSnapshot {
  public:
    FreshSnapshot()
        : snapshot_(call([] {
              PushActiveSnapshot(GetCatalogSnapshot(InvalidOid));
              return GetActiveSnapshot();
          })) {}
    // After an error inside, snapshots above this one may be left; abort pops them all.
    ~FreshSnapshot() {
        if (ActiveSnapshotSet() && GetActiveSnapshot() == snapshot_) PopActiveSnapshot();
    }
    FreshSnapshot(const FreshSnapshot&) = delete;
    FreshSnapshot& operator=(const FreshSnapshot&) = delete;

  private:
    Snapshot snapshot_;
};

}  // namespace pgwright::pg
