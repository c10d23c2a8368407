// Waiting times between attempts to reach the database: doubling up to a limit, with jitter so that
// many shims do not return at the same instant. Used by the pools and the route watcher.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace pgwright::shim {

class Backoff {
  public:
    using Duration = std::chrono::milliseconds;
    static constexpr Duration kFirst{50};

    Backoff(Duration limit, std::uint64_t seed)
        : limit_(std::max(limit, kFirst)),
          random_(static_cast<std::minstd_rand::result_type>(seed)) {}

    // Between half of the present step and all of it; the step then doubles.
    Duration next() {
        std::uniform_int_distribution<Duration::rep> jitter(step_.count() / 2, step_.count());
        const Duration wait(jitter(random_));
        step_ = std::min(step_ * 2, limit_);
        return wait;
    }

    void reset() { step_ = kFirst; }

  private:
    Duration limit_;
    Duration step_ = kFirst;
    std::minstd_rand random_;
};

}  // namespace pgwright::shim
