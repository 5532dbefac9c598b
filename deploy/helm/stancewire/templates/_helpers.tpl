{{/* The stages, their ports and groups: written from services/runtime/topology.py by `make reference`. */}}
{{- define "stancewire.topology" -}}
{{ .Files.Get "stages.json" }}
{{- end }}

{{- define "stancewire.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "stancewire.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "stancewire.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "stancewire.selector" -}}
app.kubernetes.io/name: stancewire
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "stancewire.labels" -}}
{{ include "stancewire.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "stancewire.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* How Kafka is reached: the settings of every pod. */}}
{{- define "stancewire.environment" -}}
{{- $sasl := hasPrefix "SASL" .Values.kafka.securityProtocol }}
{{- $tls := .Values.kafka.tls }}
- { name: STANCEWIRE_BROKERS, value: {{ required "kafka.brokers: set it to host:port of your brokers" .Values.kafka.brokers | quote }} }
- { name: STANCEWIRE_SECURITY_PROTOCOL, value: {{ .Values.kafka.securityProtocol }} }
{{- if $sasl }}
- { name: STANCEWIRE_SASL_MECHANISM, value: {{ .Values.kafka.sasl.mechanism }} }
- name: STANCEWIRE_SASL_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ required "kafka.sasl.secret: name the Secret with the log-in" .Values.kafka.sasl.secret }}
      key: {{ .Values.kafka.sasl.usernameKey }}
- { name: STANCEWIRE_SASL_PASSWORD_FILE, value: /run/secrets/sasl/password }
{{- end }}
{{- if and $tls.secret (contains "SSL" .Values.kafka.securityProtocol) }}
{{- if $tls.caKey }}
- { name: STANCEWIRE_SSL_CAFILE, value: /run/secrets/tls/ca.crt }
{{- end }}
{{- if $tls.certKey }}
- { name: STANCEWIRE_SSL_CERTFILE, value: /run/secrets/tls/tls.crt }
- { name: STANCEWIRE_SSL_KEYFILE, value: /run/secrets/tls/tls.key }
{{- end }}
{{- if $tls.passwordKey }}
- { name: STANCEWIRE_SSL_PASSWORD_FILE, value: /run/secrets/tls/password }
{{- end }}
{{- end }}
{{- with .Values.kafka.prefix }}
- { name: STANCEWIRE_PREFIX, value: {{ . | quote }} }
{{- end }}
- { name: STANCEWIRE_PARTITIONS, value: {{ .Values.kafka.partitions | quote }} }
- { name: STANCEWIRE_REPLICATION, value: {{ .Values.kafka.replication | quote }} }
- { name: STANCEWIRE_HTTP_HOST, value: "0.0.0.0" }
{{- range $name, $value := .Values.settings }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}

{{- define "stancewire.mounts" -}}
- { name: data, mountPath: /data }
- { name: tmp, mountPath: /tmp }
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}
- { name: sasl, mountPath: /run/secrets/sasl, readOnly: true }
{{- end }}
{{- if and .Values.kafka.tls.secret (contains "SSL" .Values.kafka.securityProtocol) }}
- { name: tls, mountPath: /run/secrets/tls, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* All volumes but `data`. */}}
{{- define "stancewire.volumes" -}}
{{- $tls := .Values.kafka.tls }}
- { name: tmp, emptyDir: { sizeLimit: 1Gi } }
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}
- name: sasl
  secret:
    secretName: {{ .Values.kafka.sasl.secret }}
    defaultMode: 0440
    items: [{ key: {{ .Values.kafka.sasl.passwordKey }}, path: password }]
{{- end }}
{{- if and $tls.secret (contains "SSL" .Values.kafka.securityProtocol) }}
- name: tls
  secret:
    secretName: {{ $tls.secret }}
    defaultMode: 0440
    items:
      {{- if $tls.caKey }}
      - { key: {{ $tls.caKey }}, path: ca.crt }
      {{- end }}
      {{- if $tls.certKey }}
      - { key: {{ $tls.certKey }}, path: tls.crt }
      - { key: {{ required "kafka.tls.keyKey: name the private key of the certificate" $tls.keyKey }}, path: tls.key }
      {{- end }}
      {{- if $tls.passwordKey }}
      - { key: {{ $tls.passwordKey }}, path: password }
      {{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What every pod has, whatever it runs. Called with the root. */}}
{{- define "stancewire.pod" -}}
automountServiceAccountToken: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Where a pod runs: its own choice, else that of all. Called with the root and the stage's values. */}}
{{- define "stancewire.placement" -}}
{{- $root := index . 0 }}{{ $own := index . 1 }}
{{- with $own.nodeSelector | default $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations | default $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.affinity | default $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "stancewire.container" -}}
image: {{ include "stancewire.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* The annotations of a pod that serves metrics on a port. Called with the root and the port. */}}
{{- define "stancewire.annotations" -}}
{{- $root := index . 0 }}
{{- if $root.Values.metrics.annotations }}
prometheus.io/scrape: "true"
prometheus.io/path: /metrics
prometheus.io/port: {{ index . 1 | quote }}
{{- end }}
{{- with $root.Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The values of a stage: those of its kind, and over them its own. Called with the root and the stage of stages.json. */}}
{{- define "stancewire.stage" -}}
{{- $root := index . 0 }}{{ $stage := index . 1 }}
{{- $kind := ternary "table" (ternary "heavy" "light" $stage.heavy) $stage.table }}
{{- $own := get $root.Values.stages $stage.name | default dict }}
{{- mergeOverwrite (deepCopy (get $root.Values.stageDefaults $kind)) (deepCopy $own) | toYaml }}
{{- end }}

{{/* The values of what runs beside the stages; nothing where it is not asked for. Called with the root and the entry of stages.json. */}}
{{- define "stancewire.beside" -}}
{{- $root := index . 0 }}{{ $part := index . 1 }}
{{- if not $part.sink }}
{{- if $root.Values.serve.enabled }}{{ $root.Values.serve | toYaml }}{{ end }}
{{- else if hasKey $root.Values.sinks $part.sink }}
{{- mergeOverwrite (deepCopy $root.Values.sinkDefaults) (deepCopy (get $root.Values.sinks $part.sink)) | toYaml }}
{{- end }}
{{- end }}
