// Prints every 10 ms how far the wall clock has moved from the monotonic one since the start, in ms: as the first thread
// reads them, and as another one does. With an argument it also runs that program, with the argument 1, over and over.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"
)

var start = time.Now()

// In microseconds.
func moved() int64 {
	now := time.Now()
	return (now.Round(0).Sub(start.Round(0)) - now.Sub(start)).Microseconds()
}

func main() {
	runtime.LockOSThread()
	var other int64
	go func() {
		for {
			atomic.StoreInt64(&other, moved())
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if len(os.Args) > 1 {
		go func() {
			for {
				child := exec.Command(os.Args[1], "1")
				child.Stdout = os.Stdout
				child.Run()
			}
		}()
	}
	for {
		fmt.Printf("%.1f %.1f\n", float64(moved())/1e3, float64(atomic.LoadInt64(&other))/1e3)
		time.Sleep(10 * time.Millisecond)
	}
}
