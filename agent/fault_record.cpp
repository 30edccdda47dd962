#include "agent/fault_record.h"

#include <cerrno>

namespace fracas::agent {

Result<std::unique_ptr<FaultRecord>> FaultRecord::write(const Ledger& ledger, LedgerRecord first) {
  if (auto written = ledger.write(first); !written) return failure(std::move(written).error());
  return std::unique_ptr<FaultRecord>(new FaultRecord(ledger, std::move(first)));
}

FaultRecord::Hold::~Hold() {
  if (record_ == nullptr) return;
  if (--record_->holds_ == 0) record_->lock_.reset();
  record_->mutex_.unlock();
}

Result<FaultRecord::Hold> FaultRecord::hold(Duration patience) {
  std::unique_lock held(mutex_, patience);
  if (!held) return failure("fault '" + id_ + "' is being worked on", EWOULDBLOCK);
  if (holds_ == 0) {
    auto locked = ledger_.lock(id_, patience);
    if (!locked) return failure(std::move(locked).error());
    lock_ = std::move(*locked);
  }
  ++holds_;
  held.release();
  return Hold(*this);
}

std::vector<LedgerRecord> FaultRecord::others() const {
  auto content = ledger_.read();
  if (!content) return {};
  std::erase_if(content->records, [this](const LedgerRecord& record) { return record.id == id_; });
  return std::move(content->records);
}

Status FaultRecord::replace(LedgerRecord next) {
  // Written again, a record that somebody has undone and removed would be undone twice.
  if (!exists()) return failure("the ledger record of '" + id_ + "' is gone", ENOENT);
  if (auto written = ledger_.write(next); !written) return written;
  content_ = std::move(next);
  return {};
}

Status FaultRecord::note(std::string text) {
  auto held = hold();
  if (!held) return failure(std::move(held).error());
  LedgerRecord next = content_;
  next.note = std::move(text);
  return replace(std::move(next));
}

Status FaultRecord::set_window(const Window& window) {
  auto held = hold();
  if (!held) return failure(std::move(held).error());
  LedgerRecord next = content_;
  next.window = window;
  return replace(std::move(next));
}

}  // namespace fracas::agent
