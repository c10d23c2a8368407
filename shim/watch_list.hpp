// What a thread looks after at a fixed interval: the deadlines of its sessions. One coarse timer
// sweeping a list costs a request nothing, where arming a timer per phase would cost several heap
// operations. Belongs to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>

namespace pgwright::shim {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::milliseconds;

// None of the calls may take anything off the list before it returns.
class Watched {
  public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    virtual ~Watched() = default;

    virtual void on_tick(TimePoint now) = 0;
    virtual void on_stop() = 0;   // finish what is in flight, start nothing new
    virtual void on_abort() = 0;  // the grace period is over
};

class WatchList {
  public:
    // How late a deadline may be noticed.
    static constexpr Duration kInterval{50};

    // On the list as long as it lives.
    class Entry {
      public:
        Entry(WatchList& list, Watched& watched)
            : list_(list), at_(list.entries_.insert(list.entries_.end(), &watched)) {}
        ~Entry() { list_.entries_.erase(at_); }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

      private:
        WatchList& list_;
        std::list<Watched*>::iterator at_;
    };

    void tick(TimePoint now) {
        for (Watched* watched : entries_) {
            watched->on_tick(now);
        }
    }
    void stop() {
        for (Watched* watched : entries_) {
            watched->on_stop();
        }
    }
    void abort() {
        for (Watched* watched : entries_) {
            watched->on_abort();
        }
    }
    std::size_t size() const { return entries_.size(); }

  private:
    std::list<Watched*> entries_;
};

}  // namespace pgwright::shim
