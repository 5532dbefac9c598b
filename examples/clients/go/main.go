// Prints who stands where: go run . BROKERS TOPIC [EVENTS]
// It reads from the beginning, and ends after so many events; without a number it goes on.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"stancewire.example/client/events"
)

// quote cuts by code points, as offsets count them. A string of Go is bytes: text[start:end] is wrong where a letter is not ASCII.
func quote(event events.Event, evidence events.Evidence) string {
	text := event.Text
	if evidence.Field == events.Title {
		text = event.Title
	}
	return string([]rune(text)[evidence.Start:evidence.End])
}

func entity(event events.Event, id *string) string {
	for _, one := range event.Entities {
		if id != nil && one.ID == *id {
			return one.Name
		}
	}
	return ""
}

func holder(event events.Event, holder events.Holder) string {
	switch {
	case holder.Entity != nil:
		return entity(event, holder.Entity)
	case holder.Name != nil:
		return *holder.Name
	}
	return "the article"
}

func target(event events.Event, target events.Target) string {
	for _, one := range event.Issues {
		if target.Issue != nil && one.ID == *target.Issue {
			return one.Name
		}
	}
	return entity(event, target.Entity)
}

func show(event events.Event) {
	for _, stance := range event.Stances {
		fmt.Printf("%s\t%s\t%s\t%s\t%s\n", event.ID, holder(event, stance.Holder), stance.Stance,
			target(event, stance.Target), quote(event, stance.Evidence[0]))
	}
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("call: go run . BROKERS TOPIC [EVENTS]")
	}
	left := -1
	if len(os.Args) > 3 {
		number, err := strconv.Atoi(os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		left = number
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(os.Args[1], ",")...),
		kgo.ConsumeTopics(os.Args[2]),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	seen := map[string]bool{} // delivery is at least once: a repeat has the same event_id. In production: a key of your table
	for left != 0 {
		fetches := client.PollFetches(context.Background())
		for _, failed := range fetches.Errors() {
			log.Fatal(failed.Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			var event events.Event
			if err := json.Unmarshal(record.Value, &event); err != nil {
				log.Fatalf("%s/%d/%d: %v", record.Topic, record.Partition, record.Offset, err)
			}
			if left == 0 || seen[event.EventID] {
				return
			}
			seen[event.EventID] = true
			show(event)
			left--
		})
	}
}
