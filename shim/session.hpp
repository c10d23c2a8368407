// One client connection: one coroutine, one request after the other. Each phase has its deadline,
// re-armed on entry and looked at by the thread's watch list. When the client hangs up while its
// request runs, the statement is cancelled.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "shim/input_buffer.hpp"
#include "shim/interrupt.hpp"
#include "shim/log.hpp"
#include "shim/request_id.hpp"
#include "shim/request_reader.hpp"
#include "shim/service.hpp"
#include "shim/settings.hpp"
#include "shim/transport.hpp"
#include "shim/watch_list.hpp"

namespace pgwright::shim {

// What the sessions of a thread share.
struct SessionHost {
    Service& service;
    LogBuffer& log;
    WatchList& watch_list;
    RequestIds& request_ids;
    const Settings& settings;
    bool stopping = false;  // answer what is in flight, with Connection: close
};

class Session final : public Watched, private ReplyStream {
  public:
    Session(SessionHost& host, std::unique_ptr<Transport> transport, std::string remote);

    // Returns when the connection is closed. The session must outlive it.
    Task<> run();

    void on_tick(TimePoint now) override;
    void on_stop() override;
    void on_abort() override;

  private:
    enum class Phase { idle, head, body, working, writing, closing };

    // One request and what became of it, for the log.
    struct Exchange {
        TimePoint begun;
        std::size_t bytes_in = 0;
        bool must_close = false;
        bool hung_up = false;      // nobody was left to answer
        bool keep_alive = false;   // of a streamed reply, as its head says
        bool wants_body = true;    // HEAD does not
        bool in_chunks = false;    // a chunk has been sent
        std::size_t streamed = 0;  // bytes sent of a streamed reply
        int status = 0;            // of a streamed reply
    };

    Task<bool> serve_one();
    Task<bool> receive_head();
    Task<bool> receive_body();
    Task<bool> receive_some(std::size_t wanted);
    Task<Reply> make_reply(const Admission& admission);
    Task<Reply> work(const Admission& admission);
    Task<> refuse_message();
    Task<bool> send(Reply reply);
    Task<bool> begin(const Reply& head) override;
    Task<bool> write(std::string_view part) override;
    Task<bool> send_part(std::string_view head, std::string_view part);
    Task<bool> end_stream(Reply reply);
    Task<> linger();
    void enter(Phase phase, Duration limit);
    void parse();
    void take_request_id();
    void log(const Reply& reply, std::size_t bytes_out);

    SessionHost& host_;
    std::unique_ptr<Transport> transport_;
    std::string remote_;
    InputBuffer input_;
    RequestReader reader_;
    std::string head_;  // of the response; kept for its memory
    std::string chunk_head_;
    Phase phase_ = Phase::idle;
    TimePoint deadline_ = TimePoint::max();
    bool expired_ = false;  // the phase's deadline has passed
    bool aborted_ = false;
    bool answered_ = false;           // something was sent, so closing needs care
    Interrupt* interrupt_ = nullptr;  // while working
    Exchange exchange_;
};

}  // namespace pgwright::shim
