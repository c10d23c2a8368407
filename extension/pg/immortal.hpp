// A function-local static that is never destroyed: the server calls exit() after it has taken itself
// apart, and destructors that reach into it then would crash the backend on its way out.
#pragma once

#include <new>
#include <utility>

namespace pgwright::pg {

template <class T>
class Immortal {
  public:
    template <class... Arguments>
    explicit Immortal(Arguments&&... arguments) {
        ::new (static_cast<void*>(storage_)) T(std::forward<Arguments>(arguments)...);
    }
    T& operator*() noexcept { return *std::launder(reinterpret_cast<T*>(storage_)); }
    T* operator->() noexcept { return &**this; }

  private:
    alignas(T) unsigned char storage_[sizeof(T)];
};

}  // namespace pgwright::pg
