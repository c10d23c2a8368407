// Why a request should end early, told to whichever stage is working on it: waiting for a
// connection, or running in the database. Raised by the session, once; the first reason stands.
// Belongs to one thread.
#pragma once

#include <functional>
#include <utility>

namespace pgwright::shim {

// unwanted: nobody reads what is left of the result.
enum class InterruptReason { none, deadline, hangup, shutdown, unwanted };

class Interrupt {
  public:
    Interrupt() = default;
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    void raise(InterruptReason reason) {
        if (reason_ != InterruptReason::none) {
            return;
        }
        reason_ = reason;
        if (hook_) {
            hook_();
        }
    }
    InterruptReason reason() const { return reason_; }
    bool raised() const { return reason_ != InterruptReason::none; }

    // While it lives, `hook` is called when the interrupt is raised. The hook must not destroy
    // itself; one at a time.
    class Hook {
      public:
        Hook(Interrupt& interrupt, std::function<void()> hook) : interrupt_(interrupt) {
            interrupt_.hook_ = std::move(hook);
        }
        ~Hook() { interrupt_.hook_ = nullptr; }
        Hook(const Hook&) = delete;
        Hook& operator=(const Hook&) = delete;

      private:
        Interrupt& interrupt_;
    };

  private:
    InterruptReason reason_ = InterruptReason::none;
    std::function<void()> hook_;
};

}  // namespace pgwright::shim
