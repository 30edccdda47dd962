// As clock_judge.c, in four goroutines on as many threads: time.Now is judged by raw system calls, while the garbage
// collector runs.
package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	clockRealtime    = 0
	sysClockGettime  = 228 // x86-64
	slackNanoseconds = 1000
)

var shifts = []int64{60_000_000_000, -90_000_000_000}
var readings, shifted, wrong, back int64

func raw() int64 {
	var now syscall.Timespec
	syscall.RawSyscall(sysClockGettime, clockRealtime, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func between(now, before, after, shift int64) bool {
	return now >= before+shift-slackNanoseconds && now <= after+shift+slackNanoseconds
}

func judge() {
	before := raw()
	now := time.Now().UnixNano()
	after := raw()
	atomic.AddInt64(&readings, 1)
	if between(now, before, after, 0) {
		return
	}
	for _, shift := range shifts {
		if between(now, before, after, shift) {
			atomic.AddInt64(&shifted, 1)
			return
		}
	}
	atomic.AddInt64(&wrong, 1)
}

func spin() {
	runtime.LockOSThread()
	start := time.Now()
	last := time.Duration(0)
	for {
		waste := make([]byte, 4096)
		for i := 0; i < 100; i++ {
			judge()
			waste[i]++
		}
		elapsed := time.Since(start)
		if elapsed < last {
			atomic.AddInt64(&back, 1)
		}
		last = elapsed
	}
}

func main() {
	runtime.GOMAXPROCS(4)
	for i := 0; i < 4; i++ {
		go spin()
	}
	for {
		time.Sleep(20 * time.Millisecond)
		fmt.Println(atomic.SwapInt64(&readings, 0), atomic.SwapInt64(&shifted, 0), atomic.SwapInt64(&wrong, 0),
			atomic.SwapInt64(&back, 0))
	}
}
