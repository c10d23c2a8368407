// Names of a client are only ever compared with those of the route; they never enter SQL.
#include "shim/binder.hpp"

#include <algorithm>

#include "shim/bracket.hpp"
#include "shim/json_document.hpp"
#include "shim/value_check.hpp"

namespace pgwright::shim {

namespace {

constexpr std::string_view kBody = "body";

class Binder {
  public:
    Binder(const Route& route, std::size_t json_depth_limit)
        : route_(route), depth_limit_(json_depth_limit), given_(route.arguments.size(), false) {}

    void bind_path(const RouteMatch& match, const Target& target);
    void bind_query(const Target& target);
    void bind_body(std::string_view body);
    void require_all();

    Faults faults;
    Binding binding;

  private:
    bool takes_query() const {
        return route_.method == "GET" || route_.method == "DELETE" || !route_.body_argument ||
               route_.takes_bytes();
    }
    std::optional<std::size_t> argument_of(std::string_view name) const;
    void give(std::size_t index, std::optional<std::string> value);
    void give_named(std::string_view name, std::optional<std::string> value);
    void gather(const QueryParameter& parameter);
    void bind_gathered();
    void bind_members(std::string_view body);
    void bind_whole(std::string_view body);

    const Route& route_;
    std::size_t depth_limit_;
    std::vector<bool> given_;
    std::vector<std::pair<std::size_t, BracketTree>> gathered_;  // by argument, in order
    std::size_t bracketed_ = 0;
    bool body_unreadable_ = false;
};

std::optional<std::size_t> Binder::argument_of(std::string_view name) const {
    const auto found =
        std::find_if(route_.arguments.begin(), route_.arguments.end(),
                     [&](const Argument& argument) { return argument.name == name; });
    if (found == route_.arguments.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - route_.arguments.begin());
}

void Binder::give(std::size_t index, std::optional<std::string> value) {
    const Argument& argument = route_.arguments[index];
    if (given_[index]) {
        faults.push_back({argument.name, "is given more than once"});
        return;
    }
    given_[index] = true;
    if (value) {
        if (value->find('\0') != std::string::npos) {
            faults.push_back({argument.name, "must not contain the character U+0000"});
            return;
        }
        if (auto wrong = check_value(argument.kind, *value, depth_limit_)) {
            faults.push_back({argument.name, std::move(*wrong)});
            return;
        }
    } else if (argument.required) {
        faults.push_back({argument.name, "must not be null"});
        return;
    }
    binding.push_back({index, std::move(value)});
}

void Binder::give_named(std::string_view name, std::optional<std::string> value) {
    const auto index = argument_of(name);
    if (!index || (index == route_.body_argument)) {
        faults.push_back({std::string(name), "is not a parameter of this endpoint"});
        return;
    }
    give(*index, std::move(value));
}

void Binder::bind_path(const RouteMatch& match, const Target& target) {
    for (std::size_t at = 0; at < match.path_segments.size(); ++at) {
        give(route_.path_arguments[at], target.segments[match.path_segments[at]]);
    }
}

void Binder::bind_query(const Target& target) {
    for (const QueryParameter& parameter : target.query) {
        if (!takes_query()) {
            faults.push_back({parameter.name, "cannot be given in the query of this endpoint"});
        } else if (is_bracketed(parameter.name)) {
            gather(parameter);
        } else {
            give_named(parameter.name, parameter.value);
        }
    }
    bind_gathered();
}

// A bracketed name is an unknown one unless the word before the bracket is an argument of type json.
void Binder::gather(const QueryParameter& parameter) {
    if (++bracketed_ > kMaxBracketParameters) {
        if (bracketed_ == kMaxBracketParameters + 1) {
            faults.push_back({"query", "must have at most " +
                                           std::to_string(kMaxBracketParameters) +
                                           " parameters with brackets"});
        }
        return;
    }
    const auto name = read_bracket_name(parameter.name);
    if (!name) {
        faults.push_back({parameter.name, "must be written as name[key] or name[key][key]"});
        return;
    }
    const auto index = argument_of(name->word);
    if (!index || index == route_.body_argument) {
        faults.push_back({parameter.name, "is not a parameter of this endpoint"});
        return;
    }
    if (route_.arguments[*index].kind != ArgumentKind::json) {
        faults.push_back({parameter.name, "takes no brackets"});
        return;
    }
    if (name->keys.size() > kMaxBracketDepth) {
        faults.push_back(
            {parameter.name, "must have at most " + std::to_string(kMaxBracketDepth) + " keys"});
        return;
    }
    auto found = std::find_if(gathered_.begin(), gathered_.end(),
                              [&](const auto& each) { return each.first == *index; });
    if (found == gathered_.end()) {
        found = gathered_.emplace(gathered_.end(), *index, BracketTree());
    }
    if (auto wrong = found->second.add(*name, parameter.value)) {
        faults.push_back({parameter.name, std::move(*wrong)});
    }
}

void Binder::bind_gathered() {
    for (const auto& [index, tree] : gathered_) {
        give(index, tree.json());
    }
}

void Binder::bind_members(std::string_view body) {
    JsonDocument document;
    if (auto fault = read_json(body, depth_limit_, true, document)) {
        body_unreadable_ = true;
        faults.push_back(
            {fault->field.empty() ? std::string(kBody) : fault->field, fault->message});
        return;
    }
    if (document.kind != JsonKind::object) {
        body_unreadable_ = true;
        faults.push_back({std::string(kBody), "must be a JSON object"});
        return;
    }
    for (JsonMember& member : document.members) {
        std::optional<std::string> value;
        if (member.kind != JsonKind::null) {
            value = std::move(member.text);
        }
        give_named(member.name, std::move(value));
    }
}

void Binder::bind_whole(std::string_view body) {
    if (route_.takes_bytes()) {
        given_[*route_.body_argument] = true;
        binding.push_back({*route_.body_argument, std::string(body)});
        return;
    }
    JsonDocument document;
    if (auto fault = read_json(body, depth_limit_, false, document)) {
        body_unreadable_ = true;
        faults.push_back(
            {fault->field.empty() ? std::string(kBody) : fault->field, fault->message});
        return;
    }
    given_[*route_.body_argument] = true;
    binding.push_back({*route_.body_argument, std::string(body)});
}

void Binder::bind_body(std::string_view body) {
    if (body.empty()) {
        return;
    }
    if (route_.method == "GET") {
        faults.push_back({std::string(kBody), "must be empty in a GET request"});
    } else if (route_.body_argument) {
        bind_whole(body);
    } else {
        bind_members(body);
    }
}

// What an unreadable body might have held is not reported as missing.
void Binder::require_all() {
    for (std::size_t index = 0; index < route_.arguments.size(); ++index) {
        if (!route_.arguments[index].required || given_[index] || body_unreadable_) {
            continue;
        }
        const bool is_body = index == route_.body_argument;
        faults.push_back({route_.arguments[index].name,
                          !is_body               ? "is required"
                          : route_.takes_bytes() ? "is required as the request body"
                                                 : "is required as a JSON request body"});
    }
}

}  // namespace

Faults bind_request(const Route& route, const RouteMatch& match, const Target& target,
                    std::string_view body, std::size_t json_depth_limit, Binding& binding) {
    Binder binder(route, json_depth_limit);
    binder.bind_path(match, target);
    binder.bind_query(target);
    binder.bind_body(body);
    binder.require_all();
    std::sort(
        binder.binding.begin(), binder.binding.end(),
        [](const BoundArgument& a, const BoundArgument& b) { return a.argument < b.argument; });
    binding = std::move(binder.binding);
    return std::move(binder.faults);
}

}  // namespace pgwright::shim
