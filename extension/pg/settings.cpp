// A scope takes a GUC nest level at its first change. Setting and restoring costs about 1 µs, because
// ending a level walks over all settings in 14 and 15; a changed search_path costs 2 to 3 µs more when
// names, or a kept plan's path, are next looked at. Hence a path that is pinned already stays untouched.
#include "pg/settings.hpp"

namespace pgwright::pg {

SettingsScope::~SettingsScope() {
    // As after a function with a SET clause: "commit" restores what was saved and keeps what nested
    // code set for itself. It must not fail, the server says; abort relies on it too.
    if (nest_level_ != 0) AtEOXact_GUC(true, nest_level_);
}

void SettingsScope::set(const char* name, const char* value) {
    if (nest_level_ == 0) nest_level_ = NewGUCNestLevel();
    call([=] {
        set_config_option(name, value, superuser() ? PGC_SUSET : PGC_USERSET, PGC_S_SESSION,
                          GUC_ACTION_SAVE, true, 0, false);
    });
}

void SettingsScope::pin_search_path() {
    if (namespace_search_path != nullptr &&
        std::strcmp(namespace_search_path, kPinnedSearchPath) == 0)
        return;
    set("search_path", kPinnedSearchPath);
}

std::optional<std::string> setting(const char* name) {
    const char* value = call([name] { return GetConfigOption(name, true, false); });
    if (value == nullptr) return std::nullopt;
    return value;
}

}  // namespace pgwright::pg
