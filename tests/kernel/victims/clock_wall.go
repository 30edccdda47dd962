// Prints every 10 ms how far the wall clock has moved from the monotonic one since the start, in ms.
package main

import (
	"fmt"
	"time"
)

func main() {
	start := time.Now()
	for {
		now := time.Now()
		wall := now.Round(0).Sub(start.Round(0))
		fmt.Printf("%.1f\n", float64(wall-now.Sub(start))/1e6)
		time.Sleep(10 * time.Millisecond)
	}
}
