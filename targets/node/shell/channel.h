#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "targets/node/wire/frame.h"
#include "targets/node/wire/socket.h"

namespace fracas::node {

// One connection: frames in, frames out, never waiting. Frames to send gather in a bounded buffer until `flush`.
class Channel {
 public:
  Channel(UniqueFd socket, std::size_t frame_max, std::size_t backlog_max)
      : socket_(std::move(socket)), reader_(frame_max), backlog_max_(backlog_max) {}

  int fd() const { return socket_.get(); }
  void set_frame_max(std::size_t bytes) { reader_.set_payload_max(bytes); }

  // Takes a frame to send; false where the backlog is full. A frame is always taken into an empty backlog, however
  // large it is.
  bool send(std::string_view payload);
  // Sends what the socket takes. ERRORS: the connection is broken.
  Status flush();
  bool backlog() const { return begin_ < out_.size(); }
  // True once after the other end acknowledged bytes that had been stuck in a full socket: a sign of life.
  bool take_progress() { return std::exchange(progress_, false); }

  // The payloads that have arrived. ERRORS: the end of the stream, a broken connection, bytes that are no frame.
  Result<std::vector<std::string>> receive();

 private:
  UniqueFd socket_;
  FrameReader reader_;
  std::size_t backlog_max_;
  std::string out_;
  std::size_t begin_ = 0;  // of what is unsent in out_
  bool stuck_ = false;     // the socket took less than was offered
  bool progress_ = false;
};

}  // namespace fracas::node
