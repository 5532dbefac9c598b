import events.Converter;
import events.DocumentField;
import events.Event;
import events.Evidence;
import events.Holder;
import events.Target;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints who stands where: java Consumer BROKERS TOPIC [EVENTS]. It reads from the beginning, and ends after so many events; without
 * a number it goes on.
 */
public class Consumer {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /** Offsets count code points. A String counts UTF-16 units: an emoji is two of them, so text.substring(start, end) is wrong. */
    static String quote(Event event, Evidence evidence) {
        String text = evidence.getField() == DocumentField.TITLE ? event.getTitle() : event.getText();
        int start = text.offsetByCodePoints(0, (int) evidence.getStart());
        return text.substring(start, text.offsetByCodePoints(start, (int) (evidence.getEnd() - evidence.getStart())));
    }

    static String entity(Event event, String id) {
        return event.getEntities().stream().filter(one -> one.getID().equals(id)).findFirst().orElseThrow().getName();
    }

    static String holder(Event event, Holder holder) {
        switch (holder.getKind()) {
            case ENTITY: return entity(event, holder.getEntity());
            case SPEAKER: return holder.getName();
            default: return "the article";
        }
    }

    static String target(Event event, Target target) {
        if (target.getEntity() != null) return entity(event, target.getEntity());
        return event.getIssues().stream().filter(one -> one.getID().equals(target.getIssue())).findFirst().orElseThrow().getName();
    }

    static void print(Event event) {
        event.getStances().forEach(stance -> OUT.println(String.join("\t", event.getID(), holder(event, stance.getHolder()),
            stance.getStance().toValue(), target(event, stance.getTarget()), quote(event, stance.getEvidence().get(0)))));
    }

    public static void main(String[] arguments) throws Exception {
        long left = arguments.length > 2 ? Long.parseLong(arguments[2]) : Long.MAX_VALUE;
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("group.id", "java-" + ProcessHandle.current().pid());
        settings.put("auto.offset.reset", "earliest");
        Set<String> seen = new HashSet<>(); // delivery is at least once: a repeat has the same event_id. In production: a key of your table
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(arguments[1]));
            while (left > 0) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    Event event = Converter.fromJsonString(record.value());
                    if (left > 0 && seen.add(event.getEventID())) {
                        print(event);
                        left--;
                    }
                }
            }
        }
    }
}
